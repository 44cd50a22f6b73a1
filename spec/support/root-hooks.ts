import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';

// Keyed by promise because mocha emits the event a second time for the other listeners.
const unhandled = new Map<Promise<unknown>, unknown>();

process.on('unhandledRejection', (reason, promise) => {
  unhandled.set(promise, reason);
});

async function failOnUnhandledRejections(when: string): Promise<void> {
  // Node reports a rejection only after the turn in which it happened.
  await nextTurn();
  if (unhandled.size === 0) return;
  const reasons = [...unhandled.values()].map((reason) => inspect(reason));
  unhandled.clear();
  throw new Error(`${reasons.length} unhandled promise rejection(s) ${when}:\n${reasons.join('\n')}`);
}

/** Mocha passes tests that leave a rejected promise behind; a program with the same fault would crash. */
export const mochaHooks: Mocha.RootHookObject = {
  async beforeAll() {
    await failOnUnhandledRejections('while the specs were loaded');
  },
  async afterEach(this: Mocha.Context) {
    await failOnUnhandledRejections(`during "${this.currentTest?.fullTitle() ?? 'a test'}"`);
  },
  async afterAll() {
    await failOnUnhandledRejections('after the last test');
  },
};
