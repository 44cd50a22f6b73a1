import type { FaultCounters } from './types.ts';

export function zeroCounters(): FaultCounters {
  return {
    accepted: 0,
    targetFailures: 0,
    heldRequestBytesDropped: 0,
    heldReplyBytesDropped: 0,
    heldBytesForwarded: 0,
    errorReplies: 0,
    cutReplies: 0,
  };
}
