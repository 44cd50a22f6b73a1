import type { EndpointClient } from '../endpoints/endpoint-client.ts';
import type { Clock } from '../time/clock.ts';
import { patientTimeout } from '../time/patient-timeout.ts';
import { ClusterProbe } from './cluster-probe.ts';
import { closeClient, connectClient } from './connect-client.ts';
import { type CheckResult, type FailedCheck, GOOD, failedCheck, isSilence, unanswered } from './check-result.ts';
import type { DataCheck } from './data-check.ts';
import { isLoginRefusal } from './refused-login.ts';
import type { RoleCheck } from './role-check.ts';

export interface ProberSetup {
  readonly createClient: () => EndpointClient;
  readonly roleCheck: RoleCheck;
  /** Not for a single look: it compares one connection with the next. */
  readonly dataCheck?: DataCheck;
  readonly clock: Clock;
}

/** Looks at one endpoint, over a connection of its own that is kept while it is good. */
export class Prober {
  readonly #setup: ProberSetup;
  #connection: ProbeConnection | undefined;
  #isClosed = false;
  #wasCutOff = false;

  constructor(setup: ProberSetup) {
    this.#setup = setup;
  }

  /** Whether a connection is there already, so that a look costs one round trip. */
  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** Whether the last look had a connection, and lost it before the server had said anything about it. */
  get wasCutOff(): boolean {
    return this.#wasCutOff;
  }

  /** Never rejects. */
  async look(timeoutMs: number): Promise<CheckResult> {
    const { clock } = this.#setup;
    const until = clock.now() + timeoutMs;
    const wasKept = this.#connection !== undefined && this.#connection.endpoint.kind !== 'method';
    const result = await this.#lookOnce(timeoutMs);
    const leftMs = until - clock.now();
    if (!wasKept || result.ok || result.isAnswer || isSilence(result) || leftMs < 1) return result;
    // The connection may have been lost long since, which says nothing of the server by now.
    // rare: kept-probe-connection-lost
    return this.#lookOnce(leftMs);
  }

  async #lookOnce(timeoutMs: number): Promise<CheckResult> {
    if (this.#isClosed) return unanswered('closed', 'connection');
    let connection: ProbeConnection;
    try {
      connection = this.#connection ??= connect(this.#setup.createClient(), this.#setup.clock, timeoutMs);
    } catch (error) {
      return failedCheck(error);
    }
    const seen = await this.#withTimeout(check(connection, this.#setup), timeoutMs);
    // Another look may have given the connection up meanwhile, and knows why.
    const result = seen.ok || seen.isAnswer ? seen : (connection.failure ?? seen);
    this.#wasCutOff = !result.ok && !result.isAnswer && connection.isOpened;
    // A connection that failed once proves nothing about the endpoint any more, nor does one that was not let in.
    const isOver = !result.ok && (!result.isAnswer || !connection.isLetIn);
    if (isOver && this.#connection === connection) {
      // rare: probe-connection-given-up
      connection.failure = result;
      this.#discard();
    }
    return result;
  }

  /** @throws Error when there is no connection, or what the server answers. */
  async ask(name: string, args: readonly (string | number | Buffer)[]): Promise<unknown> {
    const connection = this.#connection;
    await connection?.connected;
    const endpoint = connection?.endpoint;
    if (endpoint?.kind === 'command') return endpoint.client.call(name, ...args);
    // A client without a wire protocol has methods instead.
    const client = endpoint?.kind === 'method' ? endpoint.client : {};
    const method = client[name.toLowerCase()];
    if (typeof method !== 'function') throw new Error('There is no connection for that.');
    return (method as (...given: unknown[]) => unknown).apply(client, [...args]);
  }

  close(): void {
    this.#isClosed = true;
    this.#discard();
  }

  #discard(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    connection.discarded.abort();
    connection.cluster?.close();
    closeClient(connection.endpoint);
  }

  #withTimeout(result: Promise<CheckResult>, timeoutMs: number): Promise<CheckResult> {
    return new Promise((resolve) => {
      const timeout = patientTimeout(this.#setup.clock, timeoutMs, () =>
        resolve(unanswered(`no answer within ${timeoutMs} ms`, 'timeout')),
      );
      void result.then((outcome) => {
        timeout.cancel();
        resolve(outcome);
      });
    });
  }
}

/**
 * A look over a new connection, which is closed afterwards. Never rejects.
 *
 * When that one is opened and then cut off, it looks once more in the time that is left: what cuts two connections, one
 * behind the other, may be a proxy that is started again. A server that is gone refuses the second one.
 */
export async function lookAfresh(setup: ProberSetup, timeoutMs: number): Promise<CheckResult> {
  const { clock } = setup;
  const until = clock.now() + timeoutMs;
  const first = await lookOnce(setup, timeoutMs);
  const leftMs = until - clock.now();
  if (!first.wasCutOff || leftMs < 1) return first.result;
  // rare: new-connection-cut-off
  return (await lookOnce(setup, leftMs)).result;
}

async function lookOnce(
  setup: ProberSetup,
  timeoutMs: number,
): Promise<{ readonly result: CheckResult; readonly wasCutOff: boolean }> {
  const prober = new Prober(setup);
  try {
    const result = await prober.look(timeoutMs);
    return { result, wasCutOff: prober.wasCutOff };
  } finally {
    prober.close();
  }
}

interface ProbeConnection {
  readonly endpoint: EndpointClient;
  readonly connected: Promise<void>;
  /** What the client said by an `error` event: ioredis rejects promises with less. */
  reason: Error | undefined;
  /** Why it was given up. */
  failure: FailedCheck | undefined;
  /** The server, or what stands before it, accepted it. */
  isOpened: boolean;
  /** The server has not refused the login so far. */
  isLetIn: boolean;
  /** Nobody wants it any more, whether it is connected yet or not. */
  readonly discarded: AbortController;
  readonly cluster: ClusterProbe | undefined;
}

function connect(endpoint: EndpointClient, clock: Clock, timeoutMs: number): ProbeConnection {
  const cluster = endpoint.kind === 'cluster' ? new ClusterProbe(endpoint.cluster, clock, timeoutMs) : undefined;
  const discarded = new AbortController();
  const connected = connectClient(endpoint, discarded.signal);
  const connection: ProbeConnection = {
    ...{ endpoint, connected, discarded, cluster },
    ...{ reason: undefined, failure: undefined, isOpened: false, isLetIn: true },
  };
  if (endpoint.kind === 'command') {
    endpoint.client.on('connect', () => {
      connection.isOpened = true;
    });
    endpoint.client.on('error', (error: Error) => {
      connection.reason = error;
    });
  }
  // Whoever looks awaits it; when the client is closed first, nobody does.
  connection.connected.catch(() => undefined);
  return connection;
}

async function check(
  connection: ProbeConnection,
  { roleCheck, dataCheck }: Pick<ProberSetup, 'roleCheck' | 'dataCheck'>,
): Promise<CheckResult> {
  const { endpoint, connected } = connection;
  try {
    await connected;
    if (endpoint.kind === 'cluster') return (await connection.cluster?.look()) ?? GOOD;
    if (endpoint.kind === 'method') {
      await (endpoint.client['ping'] as () => Promise<unknown>).call(endpoint.client);
      return GOOD;
    }
    const { client } = endpoint;
    // All in one write. What became of the data is known before the check is told to be good.
    const answered = client.ping().then(() => GOOD, failedCheck);
    const [ping, role] = await Promise.all([answered, roleCheck.run(client), dataCheck?.run(client)]);
    if (ping.ok && !isLoginRefusal(connection.reason)) return role;
    // "NOAUTH", or a closed connection, is what follows; why, the handshake said.
    const isConsequence = ping.ok || !ping.isAnswer || ping.error.message.startsWith('NOAUTH');
    if (!isConsequence) return ping;
    connection.isLetIn = false;
    return failedCheck(connection.reason ?? (ping.ok ? undefined : ping.error));
  } catch (error) {
    connection.isLetIn = false;
    return failedCheck(connection.reason ?? error);
  }
}
