/** What repeating a command may change; the same four classes that the product uses for its retry decisions. */
export type OperationSafety = 'read-only' | 'effect-and-reply' | 'effect' | 'other-write';

export type OperationStatus = 'pending' | 'ok' | 'error';

export type OperationOutcome = 'not-executed' | 'maybe-executed';

/** An error as plain data, so that a history can be written to a file or sent from another process. */
export interface OperationError {
  name: string;
  message: string;
  explanation?: string;
  code?: string;
  endpointId?: string;
  epoch?: number;
  outcome?: OperationOutcome;
}

/**
 * One command as the application saw it. A history is an array of these in the order of issue: that order, not
 * `issuedAt`, decides which of two writes is the newer one (two un-awaited calls can share a timestamp).
 */
export interface Operation {
  /** Token that the command carries to the server in its key, value or member, see `OPERATION_ID`. */
  readonly id: string;
  /** What the load wanted to exercise: `set`, `set-burst`, `pipeline`, `multi` … */
  readonly kind: string;
  readonly key: string;
  /** Name of the command, upper case. */
  readonly command: string;
  readonly safety: OperationSafety;
  /** Members of one transaction share it: all of them are executed, or none. */
  readonly group?: string;
  /** Id of the write that this operation was issued behind: its effect has to be visible to this one. */
  readonly behind?: string;
  /** Milliseconds of `performance.now()`. */
  readonly issuedAt: number;
  settledAt?: number;
  status: OperationStatus;
  reply?: unknown;
  error?: OperationError;
  /** Which endpoint was active when the operation succeeded, if the load was told how to find out. */
  endpoint?: string;
}

export type NewOperation = Omit<Operation, 'issuedAt' | 'settledAt' | 'status' | 'reply' | 'error' | 'endpoint'>;

/** Finds every operation id in a key or value. Other tokens (groups, tags) must not look like one. */
export const OPERATION_ID = /op-\d{6,}-[0-9a-z]+/g;

export function operationId(sequence: number, tag: string): string {
  return `op-${String(sequence).padStart(6, '0')}-${tag}`;
}

export function operationIdsIn(text: string): string[] {
  return text.match(OPERATION_ID) ?? [];
}

/** Reads both shapes: the product's own errors, and server replies that carry the same facts under `geo`. */
export function describeError(error: unknown): OperationError {
  if (!(error instanceof Error)) return { name: 'NotAnError', message: String(error) };
  const own = error as unknown as Record<string, unknown>;
  const geo = typeof own['geo'] === 'object' && own['geo'] !== null ? (own['geo'] as Record<string, unknown>) : {};
  const described: OperationError = { name: error.name, message: error.message };
  const { code, explanation } = own;
  const endpointId = own['endpointId'] ?? geo['endpointId'];
  const epoch = own['epoch'] ?? geo['epoch'];
  const outcome = own['outcome'] ?? geo['outcome'];
  if (typeof explanation === 'string') described.explanation = explanation;
  if (typeof code === 'string') described.code = code;
  if (typeof endpointId === 'string') described.endpointId = endpointId;
  if (typeof epoch === 'number') described.epoch = epoch;
  if (outcome === 'not-executed' || outcome === 'maybe-executed') described.outcome = outcome;
  return described;
}
