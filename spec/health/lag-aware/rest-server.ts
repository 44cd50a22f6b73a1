import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestCertificates, createTestCertificates } from '../../support/tls-certificates.ts';

export interface RestDatabase {
  readonly uid: number;
  readonly endpoints: readonly object[];
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export const USER = { username: 'viewer@example.com', password: 'S3CR3T' };

/** Behaves as the REST interface of a Redis Enterprise cluster, as far as checks can tell. */
export class RestServer {
  readonly requests: string[] = [];
  connections = 0;
  databases: RestDatabase[] = [];
  /** How many milliseconds each database is behind the others. */
  readonly lagMs = new Map<number, number>();
  /** `error_code` by database; of one that is not available. */
  readonly errorCodes = new Map<number, string>();
  /** What lag is called by this version of the server. */
  lagCode = 'bdb_unavailable_lag';
  /** Answers everything, in the place of what it would say. */
  override: (() => Answer | string | Promise<never>) | undefined;
  /** Closes a connection over which something is asked once more. */
  closesKeptConnections = false;
  readonly #used = new WeakSet<object>();
  readonly certificates: TestCertificates = createTestCertificates();
  readonly #server: Server;

  constructor({ asksForCertificate = false } = {}) {
    const { ca, cert, key } = this.certificates;
    const tls = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
    const client = { requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate };
    this.#server = createServer({ ...tls, ...client }, (request, response) => {
      const { url = '', headers, socket } = request;
      if (this.closesKeptConnections && this.#used.has(socket)) return void socket.destroy();
      this.#used.add(socket);
      this.requests.push(url);
      void Promise.resolve(this.override?.() ?? this.#answer(new URL(url, 'https://x'), headers.authorization)).then(
        (answer) => {
          if (typeof answer === 'string') return response.end(answer);
          response.writeHead(answer.status, { 'content-type': 'application/json' });
          return response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
        },
      );
    });
    this.#server.on('secureConnection', () => this.connections++);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #answer({ pathname, searchParams }: URL, authorization: string | undefined): Answer {
    const { username, password } = USER;
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    if (authorization !== expected) return { status: 401, body: { description: `no ${authorization}` } };
    if (pathname === '/v1/bdbs') return { status: 200, body: this.databases };
    const path = /^\/v1\/(?:bdbs\/(\d+)|local\/bdbs\/(\d+)\/endpoint)\/availability$/.exec(pathname);
    const uid = Number(path?.[1] ?? path?.[2]);
    if (!this.databases.some((database) => database.uid === uid)) {
      return { status: 404, body: { error_code: 'db_not_found', description: 'there is no such database' } };
    }
    const code = this.errorCodes.get(uid);
    if (code !== undefined) return { status: 503, body: { error_code: code, description: 'not available' } };
    const tolerance = Number(searchParams.get('availability_lag_tolerance_ms') ?? 100);
    const isBehind = searchParams.get('extend_check') === 'lag' && (this.lagMs.get(uid) ?? 0) > tolerance;
    return isBehind ? { status: 503, body: { error_code: this.lagCode } } : { status: 200 };
  }
}
