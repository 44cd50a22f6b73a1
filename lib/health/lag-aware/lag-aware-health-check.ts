import { toError } from '../../errors.ts';
import type { HealthCheck, HealthCheckContext, HealthCheckVerdict } from '../../options/health-check.ts';
import type { Credentials } from '../../options/types.ts';
import { allOf, gateFailbackOnly } from '../combined-checks.ts';
import { failureReason } from '../failure-reason.ts';
import { pingHealthCheck } from '../ping-health-check.ts';
import { findDatabase } from './database-id.ts';
import { type LagAwareOptions, type LagAwareSettings, lagAwareSettings } from './lag-aware-options.ts';
import { RestClient, type RestResponse } from './rest-client.ts';
import { isLag, isUnavailable, restVerdict } from './rest-verdict.ts';

/**
 * Asks the REST interface of a Redis Enterprise cluster whether the database is available, and has what was written in the
 * other regions. Beside that the endpoint has to pass {@link pingHealthCheck}: the REST interface says nothing of the way
 * to the data.
 *
 * What the REST interface says keeps the client from going back to the endpoint, and does not make it leave the endpoint,
 * unless `evictUnavailable` is set. That goes for a lag in any case, and for a REST interface that does not answer.
 *
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once
 */
export function lagAwareHealthCheck(options: LagAwareOptions): HealthCheck {
  const database = new DatabaseCheck(lagAwareSettings(options));
  return allOf(pingHealthCheck(), (context) => database.check(context));
}

class DatabaseCheck {
  readonly #settings: LagAwareSettings;
  readonly #client: RestClient;
  /** Ids of databases that were found, by where they were looked for. */
  readonly #ids = new Map<string, number>();

  constructor(settings: LagAwareSettings) {
    this.#settings = settings;
    this.#client = new RestClient(settings.tls);
  }

  async check(context: HealthCheckContext): Promise<HealthCheckVerdict> {
    const look = new DatabaseLook(this.#settings, this.#client, this.#ids, context);
    const { verdict, mayEvict } = await look.run();
    if (verdict.ok || mayEvict) return verdict;
    return (await gateFailbackOnly(() => verdict)(context)) as HealthCheckVerdict;
  }
}

interface Outcome {
  readonly verdict: HealthCheckVerdict;
  readonly mayEvict: boolean;
}

/** One look at one database. */
class DatabaseLook {
  readonly #settings: LagAwareSettings;
  readonly #client: RestClient;
  readonly #ids: Map<string, number>;
  readonly #context: HealthCheckContext;
  readonly #host: string | undefined;

  constructor(settings: LagAwareSettings, client: RestClient, ids: Map<string, number>, context: HealthCheckContext) {
    this.#settings = settings;
    this.#client = client;
    this.#ids = ids;
    this.#context = context;
    this.#host = settings.host ?? context.options.host;
  }

  /** Never rejects. */
  async run(): Promise<Outcome> {
    try {
      return await this.#run();
    } catch (error) {
      const message = `${this.#where}: ${toError(error).message}`;
      return gating({ ok: false, reason: failureReason(error, 'http'), message });
    }
  }

  async #run(): Promise<Outcome> {
    const known = this.#settings.bdbId ?? this.#ids.get(this.#key);
    const first = known === undefined ? undefined : await this.#availability(known);
    // The database that was found earlier is there no longer: look for it anew.
    const isStale = first?.status === 404 && this.#settings.bdbId === undefined;
    if (isStale) this.#ids.delete(this.#key);
    if (first !== undefined && !isStale && known !== undefined) return this.#judge(first, known);
    const found = await this.#find();
    if (typeof found !== 'number') return gating(found);
    const response = await this.#availability(found);
    if (response.status === 404) this.#ids.delete(this.#key);
    return this.#judge(response, found);
  }

  /** @returns its id, or why there is none. */
  async #find(): Promise<number | HealthCheckVerdict> {
    const { host, port } = this.#context.options;
    if (host === undefined) {
      return { ok: false, reason: 'custom', message: `${this.#where}: bdbId is needed for an endpoint without a host` };
    }
    const response = await this.#get('/v1/bdbs?fields=uid,endpoints');
    if (response.status !== 200) return restVerdict(response, this.#where);
    if (!Array.isArray(response.body)) {
      return { ok: false, reason: 'http', message: `${this.#where}: the list of databases is none` };
    }
    const id = findDatabase(response.body, host, port);
    if (id === undefined) {
      const message = `${this.#where}: there is not exactly one database at ${host}; set bdbId`;
      return { ok: false, reason: 'http', message };
    }
    this.#ids.set(this.#key, id);
    return id;
  }

  async #judge(response: RestResponse, id: number): Promise<Outcome> {
    const { extendedCheck, evictUnavailable, lagToleranceMs } = this.#settings;
    if (response.status === 200) return { verdict: { ok: true }, mayEvict: false };
    const verdict = restVerdict(response, this.#where);
    const mayEvict = evictUnavailable && isUnavailable(response);
    if (!extendedCheck || response.status !== 503) return { verdict, mayEvict };
    // When the answer does not tell the two apart, the same without the lag does.
    const behind = isLag(response) ?? (await this.#availability(id, false)).status === 200;
    if (!behind) return { verdict, mayEvict };
    const message = `${verdict.message ?? ''} (more than ${lagToleranceMs} ms behind)`;
    return gating({ ...verdict, reason: 'lag', message });
  }

  #availability(id: number, extended = this.#settings.extendedCheck): Promise<RestResponse> {
    const { variant, lagToleranceMs } = this.#settings;
    const path = variant === 'local' ? `/v1/local/bdbs/${id}/endpoint/availability` : `/v1/bdbs/${id}/availability`;
    const query = extended ? `?extend_check=lag&availability_lag_tolerance_ms=${lagToleranceMs}` : '';
    return this.#get(`${path}${query}`);
  }

  async #get(path: string): Promise<RestResponse> {
    const { port, credentials } = this.#settings;
    const host = this.#host;
    if (host === undefined) throw new Error('url or host is needed for an endpoint without a host');
    const user: Credentials = typeof credentials === 'function' ? await credentials() : credentials;
    return this.#client.get({ host, port, path, user, signal: this.#context.signal });
  }

  get #where(): string {
    return `REST interface ${this.#host ?? 'without a host'}:${this.#settings.port}`;
  }

  get #key(): string {
    const { host, port } = this.#context.options;
    return JSON.stringify([this.#host, this.#settings.port, host, port]);
  }
}

function gating(verdict: HealthCheckVerdict): Outcome {
  return { verdict, mayEvict: false };
}
