import type { OptionProblem } from '../../errors.ts';
import { isPlainObject, printValue, printWithType, typeName } from '../../options/mask.ts';
import { invalidOptions, joinPath, nearestName } from '../../options/problems.ts';
import type { Credentials, CredentialsProvider } from '../../options/types.ts';

/** A certificate or a key: PEM. */
type Pem = string | Buffer | readonly (string | Buffer)[];

/** How the REST interface is trusted, and how the client shows who it is. */
export interface LagAwareTls {
  /** The authorities that are trusted, in the place of those that Node trusts: clusters sign their certificates themselves. */
  readonly ca?: Pem;
  readonly cert?: Pem;
  readonly key?: Pem;
  readonly passphrase?: string;
  /** Whether certificates have to be trusted. `false` gives the password to whoever answers. @default true */
  readonly rejectUnauthorized?: boolean;
  /** The name that the certificate has to be for. Without it the host. */
  readonly servername?: string;
}

export interface LagAwareOptions {
  /** Where the REST interface is, such as `https://cluster.example.com:9443`. In the place of `host` and `port`. */
  readonly url?: string;
  /** The host of the REST interface. Without it the host of the endpoint. */
  readonly host?: string;
  /** @default 9443 */
  readonly port?: number;
  /** A user of the cluster who may view databases, or a function that returns, or resolves to, one; asked for each request. */
  readonly credentials: Credentials | CredentialsProvider;
  /** The id of the database. Without it the one that has the endpoint's host for a name or an address. */
  readonly bdbId?: number;
  /** How far behind the other regions it may be, in milliseconds. Minimum: `0`. @default 5_000 */
  readonly lagToleranceMs?: number;
  /** Whether it is asked about the lag at all, or only whether the database is available. @default true */
  readonly extendedCheck?: boolean;
  /**
   * Which of the two checks is asked for: that of the `database`, or the `local` one, of the node alone that is reached.
   *
   * @default 'database'
   */
  readonly variant?: 'database' | 'local';
  /**
   * Whether the endpoint is left when the REST interface says that the database is not available. Whatever else it says, and
   * when it does not answer, the client does not go back to the endpoint, and does not leave it either.
   *
   * @default false
   */
  readonly evictUnavailable?: boolean;
  readonly tls?: LagAwareTls;
}

export interface LagAwareSettings extends Omit<LagAwareOptions, 'url'> {
  readonly port: number;
  readonly lagToleranceMs: number;
  readonly extendedCheck: boolean;
  readonly variant: 'database' | 'local';
  readonly evictUnavailable: boolean;
  readonly tls: LagAwareTls;
}

const ROOT = 'lagAwareHealthCheck';

interface Rule {
  readonly rule: string;
  readonly holds: (value: unknown) => boolean;
  /** Its value is shown to nobody. */
  readonly isSecret?: boolean;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isBoolean: Rule = { rule: 'must be true or false', holds: (value) => typeof value === 'boolean' };
const text: Rule = { rule: 'must be a non-empty string', holds: isText };
const isPem = (value: unknown): boolean => isText(value) || Buffer.isBuffer(value);
const pem: Rule = {
  rule: 'must be PEM: a string, a Buffer or an array of them',
  holds: (value) => (Array.isArray(value) ? value.every(isPem) : isPem(value)),
  isSecret: true,
};

const RULES: Readonly<Record<keyof LagAwareOptions, Rule>> = {
  url: { rule: 'must be an https:// URL without user, password, path and query', holds: isRestUrl },
  host: text,
  port: { rule: 'must be an integer from 1 to 65535', holds: (value) => isInteger(value, 1) && value <= 65_535 },
  credentials: {
    rule: 'must be { username, password }, or a function that returns them',
    holds: (value) =>
      typeof value === 'function' || (isPlainObject(value) && isText(value['username']) && isText(value['password'])),
    isSecret: true,
  },
  bdbId: { rule: 'must be an integer >= 1', holds: (value) => isInteger(value, 1) },
  lagToleranceMs: { rule: 'must be an integer >= 0', holds: (value) => isInteger(value, 0) },
  extendedCheck: isBoolean,
  variant: { rule: 'must be one of "database", "local"', holds: (value) => value === 'database' || value === 'local' },
  evictUnavailable: isBoolean,
  tls: { rule: 'must be a plain object', holds: isPlainObject },
};

const TLS_RULES: Readonly<Record<keyof LagAwareTls, Rule>> = {
  ca: pem,
  cert: pem,
  key: pem,
  passphrase: { ...text, isSecret: true },
  rejectUnauthorized: isBoolean,
  servername: text,
};

/** @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once */
export function lagAwareSettings(given: unknown): LagAwareSettings {
  if (!isPlainObject(given)) throw invalidOptions([problem(ROOT, 'must be a plain object', printWithType(given))]);
  const problems = problemsOf(given, RULES, ROOT);
  if (isPlainObject(given['tls'])) problems.push(...problemsOf(given['tls'], TLS_RULES, `${ROOT}.tls`));
  if (given['credentials'] === undefined) {
    problems.push(problem(`${ROOT}.credentials`, RULES.credentials.rule, 'undefined'));
  }
  if (given['url'] !== undefined && (given['host'] ?? given['port']) !== undefined) {
    problems.push(problem(`${ROOT}.url`, 'must not be given along with host or port', printValue(given['url'])));
  }
  if (problems.length > 0) throw invalidOptions(problems);
  const { url, ...rest } = given as unknown as LagAwareOptions;
  return {
    ...{
      lagToleranceMs: 5_000,
      extendedCheck: true,
      variant: 'database',
      evictUnavailable: false,
      tls: {},
      port: 9443,
    },
    ...withoutUndefined(rest),
    ...(url !== undefined && addressOf(url)),
  } as LagAwareSettings;
}

function problemsOf(
  given: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, Rule>>,
  path: string,
): OptionProblem[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const own = joinPath(path, [name]);
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (value === undefined) return [];
    if (rule === undefined) return [problem(own, unknownRule(name, Object.keys(rules)), typeName(value))];
    if (rule.holds(value)) return [];
    return [problem(own, rule.rule, rule.isSecret === true ? typeName(value) : printValue(value))];
  });
}

function unknownRule(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return meant === undefined ? 'is not an option' : `is not an option; did you mean "${meant}"?`;
}

function problem(path: string, rule: string, value: string): OptionProblem {
  return { path, rule, value };
}

function isInteger(value: unknown, minimum: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= minimum;
}

function isRestUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(value);
  return protocol === 'https:' && pathname === '/' && `${username}${password}${search}${hash}` === '';
}

function addressOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  // `https://host` is port 443, and the interface is at 9443 only; whoever forwards it says so.
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' && !/:443\/?$/.test(url) ? 9443 : Number(port || 443),
  };
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
