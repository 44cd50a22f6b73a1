import type { GeoFailoverOptions } from '../../lib/index.ts';
import type { RetryCaps } from '../../spec/support/checker/verdict.ts';

/** How the client of a round is used: the seed decides. */
export interface Profile {
  readonly name: string;
  readonly options: Partial<GeoFailoverOptions>;
  /** What its options allow, for the judge. */
  readonly caps?: RetryCaps;
}

const CAUTIOUS = { sameEndpoint: 'read-only', otherEndpoint: 'read-only' } as const;

const DEFAULT_PROFILE: Profile = { name: 'defaults', options: {} };

const PROFILES: readonly Profile[] = [
  DEFAULT_PROFILE,
  { name: 'auto-pipelining', options: { redis: { enableAutoPipelining: true } } },
  { name: 'cautious', options: { retry: CAUTIOUS }, caps: CAUTIOUS },
  { name: 'no limit', options: { redis: { maxRetriesPerRequest: null } } },
];

/** Every second round is one with the defaults. */
export function profileOf(seed: number): Profile {
  return seed % 2 === 1 ? DEFAULT_PROFILE : (PROFILES[(seed / 2) % PROFILES.length] ?? DEFAULT_PROFILE);
}
