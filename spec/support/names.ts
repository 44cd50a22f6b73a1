import dns, { type LookupOptions } from 'node:dns';
import sinon from 'sinon';

type Answer = (error: Error | null, address?: unknown, family?: number) => void;

/** What a name leads to: an address, the code of an error, or nothing while nobody answers. */
export type NameRecord = { readonly address: string } | { readonly code: string } | 'silent';

/** A resolver for Node's sockets that knows the names of a spec, and how often each was asked for. */
export class Names {
  readonly #records = new Map<string, NameRecord>();
  readonly #asked = new Map<string, number>();
  readonly #open: { readonly name: string; readonly answer: () => void }[] = [];
  #stub: sinon.SinonStub | undefined;

  install(): void {
    const lookup = dns.lookup as (name: string, options: LookupOptions, answer: Answer) => void;
    this.#stub = sinon.stub(dns, 'lookup').callsFake(((name: string, options: LookupOptions, answer: Answer) => {
      if (!this.#records.has(name)) {
        lookup(name, options, answer);
        return;
      }
      this.#asked.set(name, this.asked(name) + 1);
      const question = { name, answer: () => process.nextTick(() => this.#answer(name, options, answer)) };
      if (this.#records.get(name) === 'silent') this.#open.push(question);
      else question.answer();
    }) as unknown as typeof dns.lookup);
  }

  restore(): void {
    this.#stub?.restore();
    this.#records.clear();
    this.#asked.clear();
    this.#open.length = 0;
  }

  asked(name: string): number {
    return this.#asked.get(name) ?? 0;
  }

  /** Questions that nobody has answered. */
  openOf(name: string): number {
    return this.#open.filter((question) => question.name === name).length;
  }

  set(name: string, record: NameRecord): void {
    this.#records.set(name, record);
    if (record === 'silent') return;
    for (const question of this.#open.splice(0)) {
      if (question.name === name) question.answer();
      else this.#open.push(question);
    }
  }

  #answer(name: string, { all }: LookupOptions, answer: Answer): void {
    const record = this.#records.get(name);
    if (record === undefined || record === 'silent') return;
    if ('code' in record) {
      answer(
        Object.assign(new Error(`getaddrinfo ${record.code} ${name}`), { code: record.code, syscall: 'getaddrinfo' }),
      );
    } else if (all === true) answer(null, [{ address: record.address, family: 4 }]);
    else answer(null, record.address, 4);
  }
}

/** Installed anew for each test of the suite in which this is called. */
export function namesForEachTest(): Names {
  const names = new Names();
  beforeEach(() => names.install());
  afterEach(() => names.restore());
  return names;
}
