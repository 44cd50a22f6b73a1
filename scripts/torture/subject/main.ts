/** The process of the client: an application, as far as possible, and nothing of the faults. */
import { watchWrittenOperations } from '../../../spec/support/written-operations.ts';
import type { CallMessage, RoundSetup, SubjectCalls, SubjectMessage } from '../protocol.ts';
import { Round } from './round.ts';
import { TimerWatch } from './timer-watch.ts';
import { Traces } from './traces.ts';

watchWrittenOperations();
const timers = new TimerWatch();
const unhandled = new Set<string>();
process.on('unhandledRejection', (reason) => {
  unhandled.add(reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));
});
process.on('warning', (warning) => unhandled.add(`a warning: ${warning.name}: ${warning.message}`));

let round: Round | undefined;
let traces: Traces | undefined;
let isOver = false;

const END_MS = 5_000;

function tell(message: SubjectMessage): void {
  process.send?.(message);
}

function current(): Round {
  if (round === undefined) throw new Error('no round has begun');
  return round;
}

const calls: SubjectCalls = {
  async begin(setup: RoundSetup) {
    unhandled.clear();
    traces = new Traces(timers);
    round = await Round.begin(setup, traces, tell);
  },
  switchTo: (request) => current().switchTo(request),
  replace: (endpointId) => current().replace(endpointId),
  release: () => current().release(),
  catchFailback: () => current().catchFailback(),
  letGo: () => current().letGo(),
  calm: (withinMs) => current().calm(withinMs),
  progress: () => current().progress(),
  quit: () => current().quit(),
  block(ms) {
    const startedAt = performance.now();
    while (performance.now() < startedAt + ms);
    return Promise.resolve(performance.now() - startedAt);
  },
  async finish() {
    return { ...(await current().finish()), unhandled: [...unhandled] };
  },
  remains() {
    round = undefined;
    if (traces === undefined) throw new Error('no round has begun');
    return traces.look();
  },
  end() {
    isOver = true;
    // What still holds the process then has been left behind.
    setTimeout(() => process.exit(2), END_MS).unref();
    setImmediate(() => process.disconnect());
    return Promise.resolve();
  },
};

process.on('disconnect', () => {
  if (!isOver) process.exit(1);
});
process.on('message', ({ id, name, argument }: CallMessage) => {
  const call = calls[name] as (argument: unknown) => Promise<unknown>;
  call(argument).then(
    (value) => tell({ id, value }),
    (error: unknown) => tell({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
