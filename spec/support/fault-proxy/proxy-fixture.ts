import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../fault-proxy.ts';
import { type RedisServer, startRedisServer } from '../redis-server.ts';
import { connectRawClient, type RawClient } from './raw-client.ts';

/** A server, a proxy in front of it and raw clients of the proxy, taken away again after each test. */
export class ProxyFixture {
  server!: RedisServer;
  proxy!: FaultProxy;
  readonly #clients: RawClient[] = [];

  constructor(options: Omit<FaultProxyOptions, 'targetPort'> = {}) {
    beforeEach(async () => {
      this.server = await startRedisServer();
      this.proxy = await startFaultProxy({ ...options, targetPort: this.server.port });
    });
    afterEach(async () => {
      for (const client of this.#clients.splice(0)) client.socket.destroy();
      await this.proxy.close();
      await this.server.dispose();
    });
  }

  /** A client whose connection the proxy has accepted. */
  async client(): Promise<RawClient> {
    const client = await connectRawClient(this.proxy.port);
    this.#clients.push(client);
    await this.proxy.waitFor(() => this.idOf(client, 0) !== 0);
    return client;
  }

  idOf(client: RawClient, missing?: number): number {
    const info = this.proxy.connections().find(({ clientPort }) => clientPort === client.port);
    if (info === undefined && missing === undefined) throw new Error('The proxy does not know this client');
    return info?.id ?? missing ?? 0;
  }

  /** What the server has counted; null when no INCR arrived. All that was sent before has been executed by then. */
  async counter(): Promise<unknown> {
    return this.server.cli('GET', 'counter');
  }
}
