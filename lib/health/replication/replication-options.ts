import { invalidOptions } from '../../options/problems.ts';
import { type OptionRule, TEXT, assertOptions, isInteger, problemsOf, withoutUndefined } from '../given-options.ts';

export interface ReplicationOptions {
  /**
   * What the names of the channels begin with; the rest is different for each process. The user of each endpoint has to be
   * allowed `PUBLISH` and `SUBSCRIBE` there: `+publish +subscribe &__geo-failover:*`.
   *
   * @default '__geo-failover:'
   */
  readonly channelPrefix?: string;
  /**
   * How long ago the newest message that has arrived may have been published, in milliseconds. It may be longer than
   * `healthCheck.timeoutMs`: what was under way when one check was over counts in the next ones, so leave room for
   * `healthCheck.intervalMs`. Minimum: `1`.
   *
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

export type ReplicationSettings = Required<ReplicationOptions>;

const ROOT = 'replicationHealthCheck';

const RULES: Readonly<Record<keyof ReplicationOptions, OptionRule>> = {
  channelPrefix: TEXT,
  timeoutMs: { rule: 'must be an integer >= 1', holds: (value) => isInteger(value, 1) },
};

/** @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once */
export function replicationSettings(given: unknown): ReplicationSettings {
  assertOptions(given, ROOT);
  const problems = problemsOf(given, RULES, ROOT);
  if (problems.length > 0) throw invalidOptions(problems);
  return { channelPrefix: '__geo-failover:', timeoutMs: 5_000, ...withoutUndefined(given as ReplicationOptions) };
}
