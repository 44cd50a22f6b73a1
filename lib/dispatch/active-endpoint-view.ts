/** Why somebody who uses an endpoint thinks that it fails. */
export type SuspicionReason = 'connection-lost' | 'silence' | 'rejected';

/** All that the command way knows of the health way: which endpoint is active, and where to complain. */
export interface ActiveEndpointView {
  readonly activeEndpointId: string;
  /** Counts the switches. */
  readonly epoch: number;
  /** Whether commands may be sent to this endpoint: it is neither suspected nor known to fail, and the start is over. */
  isServing(endpointId: string): boolean;
  readonly hasHealthyEndpoint: boolean;
  /** Whether it is just being found out if the active endpoint fails. */
  readonly isVerifying: boolean;
  readonly retryAfterMs: number;
  /** For how long no endpoint could take commands; `0` while one can. */
  readonly unavailableForMs: number;
  /** Why the active endpoint is not healthy. */
  readonly activeError: Error | undefined;
  /** Asks for a verification. Until it is done the endpoint is not serving. */
  suspect(endpointId: string, reason: SuspicionReason): void;
  recordFailure(endpointId: string, error: Error, options: { readonly isRound: boolean }): void;
}
