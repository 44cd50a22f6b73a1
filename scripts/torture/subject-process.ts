import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Major, startWorker } from '../../benchmarks/common/workers.ts';
import { processStopped } from '../../spec/support/stopped-process.ts';
import type { Mutant } from '../simulation/mutants.ts';
import type { CallMessage, CallName, SubjectCalls, SubjectMessage } from './protocol.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const CALL_TIMEOUT_MS = 90_000;
const END_TIMEOUT_MS = 10_000;

/** The process in which the client lives. It can be asked, blocked and stopped. */
export class SubjectProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, Waiting>();
  readonly #caught = new Set<() => void>();
  #ids = 0;
  #isOver = false;
  activeEndpoint = '';
  /** When switches happened, by `Date.now()`. */
  readonly switchedAt: number[] = [];

  constructor(major: Major, mutant?: Mutant) {
    this.#child = startWorker(new URL('subject/main.ts', import.meta.url), major, {
      args: [],
      ...(mutant !== undefined && {
        imports: [new URL('../simulation/change-sources.mjs', import.meta.url).href],
        env: { MUTANT: JSON.stringify(mutant) },
      }),
    });
    this.#child.on('message', (message: SubjectMessage) => this.#hear(message));
    this.#child.once('exit', (code, signal) => {
      this.#isOver = true;
      const error = new Error(`the client's process ended with ${signal ?? code ?? ''}`);
      for (const { reject } of this.#calls.values()) reject(error);
      this.#calls.clear();
    });
  }

  call<K extends CallName>(name: K, ...[argument]: Parameters<SubjectCalls[K]>): ReturnType<SubjectCalls[K]> {
    const id = this.#ids++;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#isOver) throw new Error(`the client's process is not there for ${name}()`);
      const timer = setTimeout(
        () => reject(new Error(`the client's process does not answer ${name}()`)),
        CALL_TIMEOUT_MS,
      );
      const settle =
        <T>(settled: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          this.#calls.delete(id);
          settled(value);
        };
      this.#calls.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#child.send({ id, name, argument } satisfies CallMessage);
    });
    return answer as ReturnType<SubjectCalls[K]>;
  }

  /** Resolves to whether a failback was caught within that time, see `catchFailback`. */
  failbackCaught(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (isCaught: boolean): void => {
        clearTimeout(timer);
        this.#caught.delete(caught);
        resolve(isCaught);
      };
      const caught = (): void => finish(true);
      const timer = setTimeout(finish, withinMs, false);
      this.#caught.add(caught);
    });
  }

  /** SIGSTOP, and SIGCONT after that time. Resolves when it runs again. */
  async stopFor(ms: number): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("the client's process was not started");
    this.#child.kill('SIGSTOP');
    try {
      await processStopped(pid);
      await delay(ms);
    } finally {
      this.#child.kill('SIGCONT');
    }
  }

  /** Resolves to whether it ends by itself when nothing more is to be done. */
  async end(): Promise<boolean> {
    if (this.#isOver) return false;
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(END_TIMEOUT_MS) });
    await this.call('end');
    try {
      const [code] = (await exited) as [number | null];
      return code === 0;
    } catch {
      this.kill();
      return false;
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #hear(message: SubjectMessage): void {
    if ('id' in message) {
      const waiting = this.#calls.get(message.id);
      if (message.error === undefined) waiting?.resolve(message.value);
      else waiting?.reject(new Error(message.error));
    } else if (message.event === 'active') {
      this.activeEndpoint = message.endpointId;
      this.switchedAt.push(message.at);
    } else {
      for (const caught of this.#caught) caught();
    }
  }
}
