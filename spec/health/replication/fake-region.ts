import type { EndpointClient } from '../../../lib/endpoints/endpoint-client.ts';
import type { ReplicationEnd } from '../../../lib/health/replication/canary-end.ts';
import { FakeCommandClient } from '../fake-clients.ts';

/** An endpoint whose subscribers hear what is published on it, and on those that it gets replicated. */
export class FakeRegion implements ReplicationEnd {
  readonly endpointId: string;
  /** Those that get what is published here. */
  readonly replicatesTo = new Set<FakeRegion>();
  readonly clients: FakeCommandClient[] = [];
  /** What was published here. */
  readonly published: { readonly channel: string; readonly message: string }[] = [];
  /** Does something to each client that is made. */
  prepare: (client: FakeCommandClient) => void = () => undefined;
  /** What comes of publishing here, if that is not a reply. */
  refusal: (() => Promise<unknown>) | undefined;
  /** Whether its own subscribers hear anything. */
  isDeaf = false;

  constructor(endpointId: string) {
    this.endpointId = endpointId;
  }

  createClient = (): EndpointClient => {
    const client = new FakeCommandClient();
    this.prepare(client);
    this.clients.push(client);
    return client.endpointClient;
  };

  async ask(name: string, [channel = '', message = '']: readonly string[]): Promise<unknown> {
    if (name !== 'PUBLISH') throw new Error(`${name} is not for a check that only publishes`);
    if (this.refusal !== undefined) return this.refusal();
    this.published.push({ channel, message });
    await Promise.resolve();
    for (const region of [this, ...this.replicatesTo]) region.deliver(channel, message);
    return 0;
  }

  deliver(channel: string, message: string): void {
    if (this.isDeaf) return;
    for (const client of this.clients) {
      if (this.isOpen(client) && client.subscribe.calledWith(channel)) client.emit('message', channel, message);
    }
  }

  get open(): FakeCommandClient[] {
    return this.clients.filter((client) => this.isOpen(client));
  }

  isOpen({ disconnect }: FakeCommandClient): boolean {
    return !disconnect.called;
  }
}

/** Both ways. */
export function replicate(a: FakeRegion, b: FakeRegion): void {
  a.replicatesTo.add(b);
  b.replicatesTo.add(a);
}
