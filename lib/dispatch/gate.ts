import type { Connection } from '../endpoints/connection.ts';
import type { PipelineStream } from '../ioredis-internals/types.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';

export interface GateSetup {
  readonly view: ActiveEndpointView;
  readonly connectionTo: (endpointId: string) => Connection | undefined;
  /** Whether replies are awaited on which it depends what has to be sent first. */
  readonly isSettling: (connection: Connection) => boolean;
}

/** Knows whether commands may flow, and where to. */
export class Gate {
  readonly #setup: GateSetup;
  #holds = 0;
  #isEnding = false;
  #isClosed = false;

  constructor(setup: GateSetup) {
    this.#setup = setup;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether nothing new is taken, although what was taken may still go through. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Takes nothing new any more. */
  end(): void {
    this.#isEnding = true;
  }

  /** Lets nothing through any more. */
  close(): void {
    this.#isEnding = true;
    this.#isClosed = true;
  }

  /** Lets nothing through until as many calls of {@link release}. */
  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
  }

  /** Whether it will open soon, or is open: nobody has to come back first. */
  get isOpenSoon(): boolean {
    const { view } = this.#setup;
    return this.#holds > 0 || view.isVerifying || view.hasHealthyEndpoint || this.connection !== undefined;
  }

  /** What a pipeline sent before a command of it that is not sent now is written all the same. */
  skipIn(stream: PipelineStream | undefined): void {
    if (stream !== undefined) this.connection?.skip(stream);
  }

  /** The connection that commands may be sent over now. */
  get connection(): Connection | undefined {
    const { view, connectionTo, isSettling } = this.#setup;
    if (this.#isClosed || this.#holds > 0) return undefined;
    if (!view.isServing(view.activeEndpointId)) return undefined;
    const connection = connectionTo(view.activeEndpointId);
    return connection?.isReady === true && !isSettling(connection) ? connection : undefined;
  }
}
