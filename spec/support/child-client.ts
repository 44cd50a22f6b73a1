import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/**
 * A program in a process of its own, with so few descriptors. It has `client` and `descriptors`, and does what it is told.
 */
export class ChildClient {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  /** @param options Those of the client, as far as they can be written as JSON. */
  constructor(options: object, descriptors: number) {
    const imports = ['--import', 'tsx', '--import', './spec/support/select-ioredis.mjs'];
    const args = [process.execPath, ...imports, '--input-type=module', '-e', program(options)];
    // The shell hands its limit on, and the channel as well.
    this.#process = spawn('sh', ['-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh', ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#process.once('exit', (code, signal) => {
      const error = `the process ended (${code ?? signal})`;
      for (const [id, settle] of this.#waiting) settle({ id, error });
    });
  }

  /** Evaluates an expression there, and resolves with its value. */
  async eval(expression: string): Promise<unknown> {
    const id = ++this.#asked;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#process.send({ id, expression });
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(error);
    return result;
  }

  /** Resolves with the code by which the process ends by itself. */
  async end(): Promise<unknown> {
    const exited = once(this.#process, 'exit');
    this.#process.disconnect();
    const [code] = (await exited) as unknown[];
    return code;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

function program(options: object): string {
  return `
    import { closeSync, openSync } from 'node:fs';
    import { Socket } from 'node:net';
    import { createGeoFailoverRedis } from './lib/index.ts';
    const held = [];
    let isExhausted = false;
    function grab() {
      try {
        for (;;) held.push(openSync('/dev/null', 'r'));
      } catch (error) {
        return error.code;
      }
    }
    // As in a busy process, whatever becomes free is taken by others at once.
    const { _destroy } = Socket.prototype;
    Socket.prototype._destroy = function (...args) {
      _destroy.apply(this, args);
      if (isExhausted) grab();
    };
    const descriptors = {
      exhaust() {
        isExhausted = true;
        return grab();
      },
      free() {
        isExhausted = false;
        for (const descriptor of held.splice(0)) closeSync(descriptor);
      },
    };
    const options = ${JSON.stringify(options)};
    let client;
    const create = () => {
      client = createGeoFailoverRedis(options);
      client.on('error', () => undefined);
    };
    const nextEvent = (name) => new Promise((resolve) => client.geo.once(name, resolve));
    process.on('message', async ({ id, expression }) => {
      try {
        process.send({ id, result: await eval(expression) });
      } catch (error) {
        process.send({ id, error: String(error) });
      }
    });
  `;
}
