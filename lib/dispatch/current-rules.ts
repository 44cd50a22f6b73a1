import type { RetryCaps, Topology } from '../commands/retry-decision.ts';
import { type Classify, classifyBy } from '../commands/declared-commands.ts';
import { madeOf } from '../options/made-of.ts';
import type { ResolvedOptions } from '../options/types.ts';
import type { LineLimits } from './waiting-line.ts';

/** Views of the options in effect, which may be others whenever somebody looks. */

export function currentCaps(options: Pick<ResolvedOptions, 'retry' | 'topology'>): RetryCaps {
  return {
    get sameEndpoint() {
      return options.retry.sameEndpoint;
    },
    get otherEndpoint() {
      return options.retry.otherEndpoint;
    },
    get topology(): Topology {
      return options.topology;
    },
  };
}

/** @param isPatient Commands may wait for ever. */
export function currentLimits(options: Pick<ResolvedOptions, 'retry' | 'failover'>, isPatient: boolean): LineLimits {
  return {
    get deadlineMs() {
      return isPatient ? undefined : options.retry.deadlineMs;
    },
    get maxCommands() {
      return options.failover.maxWaitingCommands;
    },
    get maxBytes() {
      return options.failover.maxWaitingBytes;
    },
  };
}

export function currentClassify(options: Pick<ResolvedOptions, 'retry'>): Classify {
  const classify = madeOf(() => options.retry.commands, classifyBy);
  return (command) => classify()(command);
}
