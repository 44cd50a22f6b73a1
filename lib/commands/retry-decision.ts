/** How a command's effect and reply depend on how often it is executed. */
export type Safety = 'read-only' | 'effect-and-reply' | 'effect' | 'message' | 'other-write';

/** Whether what is written to one endpoint arrives at the others. */
export type Topology = 'active-active' | 'independent';

/** Up to which class an *ambiguous* command is sent again: `any` is what ioredis's `autoResendUnfulfilledCommands` does. */
export type RetryCap = 'none' | 'read-only' | 'effect-and-reply' | 'effect' | 'any';

/** What a failure says about the command: see the README's table "what is retried". */
export type FailureKind = 'not-sent' | 'rejected' | 'overloaded' | 'ambiguous' | 'answered';

export type RetryTarget = 'same-endpoint' | 'other-endpoint';

export interface RetryCaps {
  readonly sameEndpoint: RetryCap;
  readonly otherEndpoint: RetryCap;
  readonly topology?: Topology;
}

const CAP_RANK: Readonly<Record<RetryCap, number>> = {
  none: 0,
  'read-only': 1,
  'effect-and-reply': 2,
  effect: 3,
  any: 4,
};

const SAFETY_RANK: Readonly<Record<Safety, number>> = {
  'read-only': 1,
  'effect-and-reply': 2,
  effect: 3,
  message: 4,
  'other-write': 4,
};

/** Whether a command that failed in this way may be sent to this target. */
export function mayRetry(kind: FailureKind, safety: Safety, target: RetryTarget, caps: RetryCaps): boolean {
  switch (kind) {
    case 'not-sent':
    case 'rejected':
    case 'overloaded':
      return true;
    case 'ambiguous': {
      // Who hears it on the other endpoint has not heard it on this one.
      if (safety === 'message' && target === 'other-endpoint' && caps.topology === 'independent') return true;
      const cap = target === 'same-endpoint' ? caps.sameEndpoint : caps.otherEndpoint;
      return SAFETY_RANK[safety] <= CAP_RANK[cap];
    }
    case 'answered':
      return false;
  }
}
