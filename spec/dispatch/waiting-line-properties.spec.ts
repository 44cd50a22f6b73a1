import { expect } from 'chai';
import fc from 'fast-check';
import type { WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import { WaitingLine } from '../../lib/dispatch/waiting-line.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { print, waiting } from './commands.ts';

const DEADLINE_MS = 1_000;
const MAX_COMMANDS = 20;

/** What may happen to a line and to the connection that it is let out to. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.constant('call' as const) },
  { weight: 2, arbitrary: fc.record({ release: fc.constantFrom('all', 'head', 'piece'), written: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ answered: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.constant('lost' as const) },
  { weight: 1, arbitrary: fc.record({ given: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ passed: fc.constantFrom(1, 400, 1_000) }) },
);

/** A line, a connection, and what the callers were told. */
class Model {
  readonly clock = new FakeClock();
  readonly inFlight: WaitingCommand[] = [];
  readonly answered: WaitingCommand[] = [];
  readonly expired: WaitingCommand[] = [];
  readonly called: WaitingCommand[] = [];
  refused = 0;
  readonly line = new WaitingLine({
    clock: this.clock,
    limits: { deadlineMs: DEADLINE_MS, maxCommands: MAX_COMMANDS, maxBytes: Number.POSITIVE_INFINITY },
    onExpired: (expired) => this.expired.push(...expired),
  });

  call(): void {
    const entry = waiting(`get ${this.called.length}`);
    if (this.line.admits(entry, 1)) {
      this.called.push(entry);
      this.line.push(entry, 1);
    } else {
      this.refused++;
    }
  }

  /** Lets commands out, of which the connection writes so many and refuses the others. */
  release(what: 'all' | 'head' | 'piece', written: number): void {
    const out = what === 'all' ? this.line.takeAll() : this.line.take(what === 'head' ? 1 : 3);
    this.inFlight.push(...out.slice(0, written));
    for (const entry of out.slice(written)) this.line.putBack(entry);
    if (out.length > written) this.lose();
  }

  answer(count: number): void {
    this.answered.push(...this.inFlight.splice(0, count));
  }

  lose(): void {
    for (const entry of this.inFlight.splice(0)) this.line.giveBack(entry);
  }

  /** Its caller has the answer by other means. */
  give(index: number): void {
    const gone = new Set([...this.inFlight, ...this.answered, ...this.expired]);
    const waitingOnes = this.called.filter((entry) => !gone.has(entry));
    const entry = waitingOnes[index % Math.max(1, waitingOnes.length)];
    if (entry === undefined) return;
    this.line.remove(new Set([entry]));
    this.expired.push(entry);
  }
}

function play(model: Model, happenings: readonly (typeof happening extends fc.Arbitrary<infer T> ? T : never)[]): void {
  for (const it of happenings) {
    if (it === 'call') model.call();
    else if (it === 'lost') model.lose();
    else if ('release' in it) model.release(it.release, it.written);
    else if ('answered' in it) model.answer(it.answered);
    else if ('given' in it) model.give(it.given);
    else model.clock.advance(it.passed);
  }
}

const numberOf = ({ command }: WaitingCommand): number => Number(print(command).split(' ')[1]);

describe('A line of commands, whatever happens,', () => {
  function always(name: string, check: (model: Model) => void): void {
    it(name, () => {
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
          const model = new Model();
          play(model, happenings);
          check(model);
        }),
        { numRuns: 5_000 },
      );
    });
  }

  always('lets commands out in the order of their calls', (model) => {
    const numbers = model.line.takeAll().map(numberOf);
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b));
  });

  always('never lets out what is behind something that is in flight before it', (model) => {
    const [inFlight, waitingOnes] = [model.inFlight.map(numberOf), model.line.takeAll().map(numberOf)];
    expect(Math.max(-1, ...inFlight)).to.be.below(Math.min(Number.POSITIVE_INFINITY, ...waitingOnes));
  });

  always('neither loses a command nor has it twice', (model) => {
    const everywhere = [...model.line.takeAll(), ...model.inFlight, ...model.answered, ...model.expired];
    expect(everywhere.map(numberOf).sort((a, b) => a - b)).to.deep.equal(model.called.map(numberOf));
  });

  always('has room again for as many as have left', (model) => {
    model.line.takeAll();
    model.answer(Number.POSITIVE_INFINITY);
    const before = model.called.length;
    for (let i = 0; i <= MAX_COMMANDS; i++) model.call();
    expect(model.called.length - before).to.equal(MAX_COMMANDS);
  });

  always('is empty when the deadline has passed, and has no timer then', (model) => {
    model.clock.advance(DEADLINE_MS);
    expect(model.line.length).to.equal(0);
    expect(model.clock.timers).to.deep.equal([]);
  });
});
