import { commandSafety } from '../commands/command-safety.ts';
import { isServerReply } from '../commands/failure-kind.ts';
import {
  CONNECTION_CLOSED,
  GeoFailoverError,
  type GeoFailoverErrorCode,
  type Outcome,
  withoutTrace,
} from '../errors.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import { type BoundFate, settleAsConflict } from './bound-commands.ts';
import type { AttemptFailure, WaitingCommand } from './waiting-command.ts';

export interface SurfaceContext {
  readonly epoch: number;
  readonly endpointId: string;
  /** Told when no endpoint is healthy. */
  readonly retryAfterMs?: number;
  /** The same, for how long that has been so. */
  readonly unavailableForMs?: number;
  /** Why the endpoint could not be used. */
  readonly endpointError?: Error | undefined;
}

/** Rejects the caller's promise with what is known of the command. */
export function surface(entry: WaitingCommand, code: GeoFailoverErrorCode, context: SurfaceContext): void {
  const { command, doubts } = entry;
  if (doubts.length === 0 && isServerReply(entry.failure?.error)) return surfaceReply(entry);
  const failure = doubts.at(-1) ?? entry.failure;
  const isNoneHealthy = code === 'GEO_NO_HEALTHY_ENDPOINT';
  const outcome: Outcome = doubts.length > 0 ? 'maybe-executed' : 'not-executed';
  const endpointId = failure?.endpointId ?? context.endpointId;
  const details = {
    explanation: explain(code, entry, endpointId, outcome),
    endpointId,
    epoch: failure?.epoch ?? context.epoch,
    outcome,
    retryAfterMs: isNoneHealthy ? context.retryAfterMs : undefined,
    unavailableForMs: isNoneHealthy ? context.unavailableForMs : undefined,
    cause: failure?.error ?? context.endpointError,
  };
  rejectCaller(
    command,
    withoutTrace(() => new GeoFailoverError(code, CONNECTION_CLOSED, details)),
  );
}

/** Tells what became of a command, or a pipeline's transaction, that would have had to go over another connection. */
export function surfaceBound(unit: readonly WaitingCommand[], fate: BoundFate, context: SurfaceContext): void {
  if (fate === 'conflict') return settleAsConflict(unit);
  // Without EXEC nothing of it was executed, whatever was in flight.
  if (fate === 'lost') for (const entry of unit) entry.forgetDoubts();
  for (const entry of unit) {
    surface(entry, fate === 'lost' ? 'GEO_NOT_MOVABLE' : 'GEO_AMBIGUOUS', context);
    entry.transaction?.tellLost();
  }
}

/**
 * Rejects with the server's own reply, unwrapped, and says from where it came. A refusal that came after an attempt which
 * may have been executed is not the whole truth: that attempt is told instead.
 */
export function surfaceReply(entry: WaitingCommand): void {
  const { failure, command, doubts } = entry;
  const [doubt] = doubts;
  if (doubt !== undefined) return surface(entry, 'GEO_AMBIGUOUS', doubt); // rare: refusal-behind-a-doubt
  const error = failure?.error ?? new Error(CONNECTION_CLOSED);
  if (failure !== undefined) addGeo(error, failure, 'not-executed');
  rejectCaller(command, error);
}

/** Rejects with what the server answered to a further attempt. An earlier one may have been executed all the same. */
export function surfaceAnswer({ command, doubts, safety }: WaitingCommand, error: Error): void {
  const [doubt] = doubts;
  if (doubt !== undefined && safety !== 'read-only') addGeo(error, doubt, 'maybe-executed'); // rare: answer-behind-a-doubt
  rejectCaller(command, error);
}

/** As a rule nobody awaits a message. That it was given up for an endpoint's failure shall not end the process. */
export function rejectCaller(command: IoredisCommand, error: Error): void {
  if (commandSafety(command) === 'message') command.promise.catch(() => undefined);
  command.reject(error);
}

/** One error object can be the reply to one command only, except for what a transaction shares. */
function addGeo(error: Error, { endpointId, epoch }: AttemptFailure, outcome: Outcome): void {
  const geo = { endpointId, epoch, outcome };
  Object.defineProperty(error, 'geo', { value: geo, enumerable: true, configurable: true });
}

function explain(code: GeoFailoverErrorCode, entry: WaitingCommand, endpointId: string, outcome: Outcome): string {
  const name = entry.command.name.toUpperCase();
  const executed = outcome === 'maybe-executed' ? `may have been executed on ${endpointId}` : 'was not executed';
  switch (code) {
    case 'GEO_AMBIGUOUS':
      return `${name} ${executed}, and is not repeated: that could change the result, or silence another server.`;
    case 'GEO_NO_HEALTHY_ENDPOINT':
      return `${name} waited for an endpoint, and none is healthy. It ${executed}.`;
    case 'GEO_LINE_OVERFLOW':
      return `${name} could not wait: failover.maxWaitingCommands or maxWaitingBytes is reached. It ${executed}.`;
    case 'GEO_NOT_MOVABLE':
      if (entry.transaction !== undefined) {
        return `${name} belongs to a transaction that was begun over a connection which is gone. It ${executed}.`;
      }
      return `${name} was meant for ${endpointId} alone, which is not active any more. It ${executed}.`;
    case 'GEO_CURSOR_LOST':
      return `${name} has to begin again: its cursor came from an endpoint that is not active any more. It ${executed}.`;
    case 'GEO_CLIENT_CLOSED':
      return `The client was closed. ${name} ${executed}.`;
    default:
      return `${name} waited as long as retry.deadlineMs allows. It ${executed}.`;
  }
}
