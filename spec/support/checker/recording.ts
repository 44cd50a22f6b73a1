import { describeError, operationId, type NewOperation, type Operation } from './history.ts';

interface SuccessWaiter {
  /** Only operations from this place of the history on count: they were issued after somebody asked. */
  readonly from: number;
  missing: number;
  readonly done: () => void;
}

export interface RecordingOptions {
  /** Makes ids unique across loads, runs and processes that share a server. Digits and lower case letters. */
  readonly tag: string;
  /** Called at every success; what it returns becomes the operation's `endpoint`. */
  readonly identify?: (() => string | undefined) | undefined;
}

/** Keeps the history of one caller and knows what is still pending. */
export class Recording {
  readonly tag: string;
  readonly history: Operation[] = [];
  readonly #identify: (() => string | undefined) | undefined;
  readonly #places = new WeakMap<Operation, number>();
  readonly #idle = new Set<() => void>();
  readonly #waiters = new Set<SuccessWaiter>();
  #pending = 0;
  #held = 0;
  #ids = 0;
  #sealed = false;

  constructor(options: RecordingOptions) {
    if (!/^[0-9a-z]+$/.test(options.tag)) throw new TypeError(`tag must be digits and lower case letters`);
    this.tag = options.tag;
    this.#identify = options.identify;
  }

  get pending(): number {
    return this.#pending;
  }

  get sealed(): boolean {
    return this.#sealed;
  }

  /** Announces that operations follow, so that `settled` waits for them too. */
  hold(): () => void {
    this.#held++;
    return () => {
      this.#held--;
      this.#wakeWhenIdle();
    };
  }

  nextId(): string {
    return operationId(++this.#ids, this.tag);
  }

  open(operation: NewOperation): Operation {
    const opened: Operation = { ...operation, issuedAt: performance.now(), status: 'pending' };
    this.#places.set(opened, this.history.push(opened) - 1);
    this.#pending++;
    return opened;
  }

  succeed(operation: Operation, reply: unknown): void {
    if (!this.#settle(operation, 'ok')) return;
    operation.reply = reply;
    const endpoint = this.#identify?.();
    if (endpoint !== undefined) operation.endpoint = endpoint;
    const place = this.#places.get(operation) ?? -1;
    for (const waiter of this.#waiters) {
      if (place >= waiter.from && --waiter.missing === 0) waiter.done();
    }
  }

  fail(operation: Operation, error: unknown): void {
    if (this.#settle(operation, 'error')) operation.error = describeError(error);
  }

  /** Sends one command and records how it settles. Never rejects; resolves to whether it was acknowledged. */
  async track(operation: NewOperation, send: () => PromiseLike<unknown>): Promise<boolean> {
    const opened = this.open(operation);
    try {
      this.succeed(opened, await send());
      return true;
    } catch (error) {
      this.fail(opened, error);
      return false;
    }
  }

  /** The same for several commands that settle together: a pipeline or a transaction. */
  async trackAll(
    operations: readonly NewOperation[],
    exec: () => PromiseLike<readonly (readonly [error: Error | null, result: unknown])[] | null>,
  ): Promise<void> {
    const opened = operations.map((operation) => this.open(operation));
    try {
      const results = await exec();
      opened.forEach((operation, index) => {
        // A transaction that was discarded resolves to null: members are then acknowledged with nothing, which the
        // judge reports as a wrong reply.
        const [error, reply] = results?.[index] ?? [null, null];
        if (error) this.fail(operation, error);
        else this.succeed(operation, reply);
      });
    } catch (error) {
      for (const operation of opened) this.fail(operation, error);
    }
  }

  /** Resolves to true when that many operations which are issued from now on were acknowledged, or to false. */
  nextSuccesses(count: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (reached: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(reached);
      };
      const timer = setTimeout(finish, timeoutMs, false);
      const waiter: SuccessWaiter = { from: this.history.length, missing: count, done: () => finish(true) };
      this.#waiters.add(waiter);
    });
  }

  /** Resolves when nothing is pending, at the latest after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#idle.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, timeoutMs);
      this.#idle.add(finish);
    });
  }

  /** What settles later is no longer recorded: a history that was handed out must not change under its reader. */
  seal(): void {
    this.#sealed = true;
  }

  #settle(operation: Operation, status: 'ok' | 'error'): boolean {
    if (this.#sealed || operation.status !== 'pending') return false;
    operation.settledAt = performance.now();
    operation.status = status;
    this.#pending--;
    this.#wakeWhenIdle();
    return true;
  }

  #isIdle(): boolean {
    return this.#pending === 0 && this.#held === 0;
  }

  #wakeWhenIdle(): void {
    if (this.#isIdle()) for (const finish of [...this.#idle]) finish();
  }
}
