import { isNamed } from '../commands/is-named.ts';
import type { Connection } from '../endpoints/connection.ts';
import type { ResolvedOptions } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import { HeadTrial, type HeadTrialSetup } from './head-trial.ts';
import { Sender, type SenderSetup } from './sender.ts';
import type { WaitingCommand } from './waiting-command.ts';
import type { WaitingLine } from './waiting-line.ts';

/** How many are sent in one turn of the event loop, in which nothing else is done. Others follow in the next ones. */
const MOST_PER_TURN = 2_000;

export interface LineReleaseSetup extends Omit<SenderSetup, 'onAnswered'> {
  readonly clock: Pick<Clock, 'afterPoll'>;
  readonly line: WaitingLine;
  readonly options: Pick<ResolvedOptions, 'retry'>;
  /** The connection that commands may be sent over now. */
  readonly connection: () => Connection | undefined;
  /** The endpoint takes commands again, or the line's head is gone. */
  readonly onPassed: () => void;
  readonly onBackoffFailed: HeadTrialSetup['onBackoffFailed'];
}

/** Lets out what waits: all of it, or its head first when the endpoint refused that before. */
export class LineRelease {
  readonly #setup: LineReleaseSetup;
  readonly #sender: Sender;
  readonly #trial: HeadTrial;
  /** The rest is sent in the next turn. */
  #isPausing = false;

  constructor(setup: LineReleaseSetup) {
    this.#setup = setup;
    this.#sender = new Sender({ ...setup, onAnswered: (entry) => this.#trial.answered(entry) });
    this.#trial = new HeadTrial({
      options: setup.options,
      sendHead: () => this.#sendHead(),
      onPassed: setup.onPassed,
      onBackoffFailed: setup.onBackoffFailed,
    });
  }

  /** Whether it is being found out with the line's head if the endpoint takes commands again. */
  get isTrying(): boolean {
    return this.#trial.isRunning;
  }

  to(connection: Connection): void {
    if (this.#isPausing) return;
    const failure = this.#setup.line.head?.failure;
    const wasRefusedHere =
      failure !== undefined && failure.kind !== 'ambiguous' && failure.endpointId === connection.endpointId;
    if (wasRefusedHere) this.#trial.start();
    else this.#send(connection);
  }

  /** The reason for trying is gone. */
  cancelTrial(): void {
    this.#trial.cancel();
  }

  refused(entry: WaitingCommand, error: Error): void {
    this.#trial.refused(entry, error);
  }

  #send(connection: Connection): void {
    const { clock, line, onPassed } = this.#setup;
    const isPiecemeal = line.length > MOST_PER_TURN && line.first(MOST_PER_TURN).every(isIndependent);
    this.#sender.send(isPiecemeal ? line.take(MOST_PER_TURN) : line.takeAll(), connection);
    if (!isPiecemeal) return;
    this.#isPausing = true;
    clock.afterPoll(() => {
      this.#isPausing = false;
      onPassed();
    });
  }

  #sendHead(): WaitingCommand | 'unusable' | undefined {
    const { line } = this.#setup;
    const connection = this.#setup.connection();
    if (connection === undefined) return 'unusable';
    // What was refused is gone. The next one was never tried, so that there is nothing to be careful about.
    if (line.head?.failure === undefined) return undefined;
    return this.#sender.send(line.takeHead(), connection).at(-1);
  }
}

/**
 * Whether it may be sent without a look at those behind it: one of them may have overtaken a refused write. Behind a SELECT
 * they are judged by the database that it selects.
 */
function isIndependent({ command, failure }: WaitingCommand): boolean {
  return (failure === undefined || failure.kind === 'ambiguous') && !isNamed(command.name, 'select');
}
