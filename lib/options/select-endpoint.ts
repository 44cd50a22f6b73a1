/** An endpoint that could take over. */
export interface EndpointCandidate {
  readonly id: string;
  readonly weight: number;
  /** It is the active one, which could go on: its circuit is open, and so are all others. */
  readonly isActive: boolean;
}

/**
 * Chooses one of the endpoints that are equally fit to take over, by its id; `undefined` where the weights shall decide. It
 * may be asked often, and has to answer at once.
 */
export type SelectEndpoint = (candidates: readonly EndpointCandidate[]) => string | undefined;
