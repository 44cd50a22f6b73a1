import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { lagAwareHealthCheck } from '../../../lib/health/lag-aware/lag-aware-health-check.ts';
import type { LagAwareOptions } from '../../../lib/health/lag-aware/lag-aware-options.ts';
import type { HealthCheck, HealthCheckContext, HealthCheckVerdict } from '../../../lib/options/health-check.ts';
import { never, replyError } from '../fake-clients.ts';
import { RestServer, USER } from './rest-server.ts';

const LAG = 'extend_check=lag&availability_lag_tolerance_ms=5000';
const LIST = '/v1/bdbs?fields=uid,endpoints';

describe('A lag-aware check', () => {
  let server: RestServer;
  let ca: Buffer;

  beforeEach(async () => {
    server = new RestServer();
    ca = readFileSync(server.certificates.ca);
    await server.start();
    server.databases = [
      { uid: 3, endpoints: [{ dns_name: 'other.example.com', addr: ['10.0.0.9'], port: 12000 }] },
      { uid: 7, endpoints: [{ dns_name: 'East.example.com', addr: ['10.0.0.1', '10.0.0.2'], port: 6379 }] },
    ];
  });

  afterEach(() => server.close());

  function contextAt(host: string | undefined, more: Partial<HealthCheckContext> = {}): HealthCheckContext {
    return {
      endpointId: 'east',
      isActive: false,
      timeoutMs: 500,
      signal: new AbortController().signal,
      options: { host, port: 6379, tls: true },
      call: () => Promise.resolve('PONG'),
      ...more,
    };
  }

  function make(options: Partial<LagAwareOptions> = {}): HealthCheck {
    return lagAwareHealthCheck({ url: server.url, credentials: USER, tls: { ca }, ...options });
  }

  async function verdictOf(check: HealthCheck, context = contextAt('east.example.com')): Promise<HealthCheckVerdict> {
    return (await check(context)) as HealthCheckVerdict;
  }

  /** What people are told, without where the server is. */
  async function told(check: HealthCheck, context?: HealthCheckContext): Promise<unknown> {
    const verdict = await verdictOf(check, context);
    const where = `REST interface localhost:${server.port}: `;
    return verdict.ok ? 'good' : { ...verdict, message: verdict.message?.replace(where, '') };
  }

  describe('looks for its database', () => {
    it('by the name of the host, whatever letters it has', async () => {
      expect(await verdictOf(make())).to.deep.equal({ ok: true });
      expect(server.requests).to.deep.equal([LIST, `/v1/bdbs/7/availability?${LAG}`]);
    });

    it('by an address', async () => {
      expect(await verdictOf(make(), contextAt('10.0.0.2'))).to.deep.equal({ ok: true });
      expect(server.requests[1]).to.match(/bdbs\/7\//);
    });

    it('once', async () => {
      const check = make();
      for (let i = 0; i < 3; i++) await check(contextAt('east.example.com'));
      expect(server.requests.filter((path) => path === LIST)).to.have.length(1);
      expect(server.requests).to.have.length(4);
    });

    it('anew when it is not there any more', async () => {
      const check = make();
      await check(contextAt('east.example.com'));
      server.databases = [{ uid: 8, endpoints: [{ dns_name: 'east.example.com' }] }];
      server.requests.length = 0;
      expect(await verdictOf(check)).to.deep.equal({ ok: true });
      expect(server.requests).to.deep.equal([`/v1/bdbs/7/availability?${LAG}`, LIST, `/v1/bdbs/8/availability?${LAG}`]);
    });

    it('with each check until there is one', async () => {
      const check = make();
      const databases = server.databases.splice(0);
      const missing = { ok: false, reason: 'http', failbackOnly: true };
      expect(await verdictOf(check)).to.include(missing);
      server.databases = databases;
      expect(await verdictOf(check)).to.deep.equal({ ok: true });
    });

    it('of each endpoint for itself', async () => {
      const check = make();
      await check(contextAt('east.example.com'));
      await check(contextAt('other.example.com'));
      expect(server.requests.filter((path) => path !== LIST)).to.deep.equal([
        `/v1/bdbs/7/availability?${LAG}`,
        `/v1/bdbs/3/availability?${LAG}`,
      ]);
    });

    it('not when it is told its id', async () => {
      expect(await verdictOf(make({ bdbId: 3 }))).to.deep.equal({ ok: true });
      expect(server.requests).to.deep.equal([`/v1/bdbs/3/availability?${LAG}`]);
    });

    it('in vain for an endpoint whose host is not known', async () => {
      expect(await told(make(), contextAt(undefined))).to.deep.equal({
        ...{ ok: false, reason: 'custom', failbackOnly: true },
        message: 'bdbId is needed for an endpoint without a host',
      });
    });
  });

  it('asks about the node alone, or without the lag, or with another tolerance', async () => {
    await make({ bdbId: 7, variant: 'local' })(contextAt('x'));
    await make({ bdbId: 7, extendedCheck: false })(contextAt('x'));
    await make({ bdbId: 7, lagToleranceMs: 250 })(contextAt('x'));
    expect(server.requests).to.deep.equal([
      `/v1/local/bdbs/7/endpoint/availability?${LAG}`,
      '/v1/bdbs/7/availability',
      '/v1/bdbs/7/availability?extend_check=lag&availability_lag_tolerance_ms=250',
    ]);
  });

  it('asks over one connection', async () => {
    const check = make();
    for (let i = 0; i < 5; i++) await check(contextAt('east.example.com'));
    expect(server.connections).to.equal(1);
  });

  it('asks for credentials when it needs them', async () => {
    let asked = 0;
    const check = make({ bdbId: 7, credentials: () => (asked++, Promise.resolve(USER)) });
    expect(await verdictOf(check)).to.deep.equal({ ok: true });
    expect(asked).to.equal(1);
  });

  describe('that finds a lag', () => {
    for (const code of ['bdb_unavailable_lag', 'something_else']) {
      it(`holds the endpoint back, whatever may make it be left: ${code}`, async () => {
        server.lagMs.set(7, 5_001);
        server.lagCode = code;
        expect(await told(make({ evictUnavailable: true }))).to.deep.equal({
          ...{ ok: false, reason: 'lag', failbackOnly: true },
          message: `HTTP 503, ${code} (more than 5000 ms behind)`,
        });
        expect(await told(make({ lagToleranceMs: 6_000 }))).to.equal('good');
        expect(await told(make({ extendedCheck: false }))).to.equal('good');
      });
    }
  });

  describe('that finds the database not available', () => {
    for (const code of ['bdb_unavailable', 'bdb_unavailable_shard_unreachable', 'bdb_endpoint_unavailable']) {
      const expected = { ok: false, reason: 'http', message: `HTTP 503, ${code}, not available` };

      it(`says why: ${code}`, async () => {
        server.errorCodes.set(7, code);
        expect(await told(make())).to.deep.equal({ ...expected, failbackOnly: true });
      });

      it(`makes the endpoint be left where that is wanted: ${code}`, async () => {
        server.errorCodes.set(7, code);
        expect(await told(make({ evictUnavailable: true }))).to.deep.equal(expected);
      });
    }

    it('holds the endpoint back when the cluster cannot tell', async () => {
      server.errorCodes.set(7, 'no_quorum');
      expect(await told(make({ evictUnavailable: true }))).to.include({ reason: 'http', failbackOnly: true });
    });

    it('tells when its id is wrong', async () => {
      expect(await told(make({ bdbId: 99 }))).to.deep.equal({
        ...{ ok: false, reason: 'http', failbackOnly: true },
        message: 'HTTP 404, db_not_found, there is no such database',
      });
      expect(server.requests).to.have.length(1);
    });
  });

  describe('of a REST interface that is of no use holds the endpoint back, and says why', () => {
    const evict = { bdbId: 7, evictUnavailable: true } as const;

    it('when the password is wrong', async () => {
      const credentials = { username: 'viewer', password: 'OTH3R' };
      const verdict = await told(make({ ...evict, credentials }));
      expect(verdict).to.deep.equal({
        ...{ ok: false, reason: 'auth', failbackOnly: true },
        message: 'HTTP 401, user or password are wrong',
      });
    });

    it('when it answers no JSON', async () => {
      server.override = () => '<html>';
      expect(await told(make())).to.include({ reason: 'http', message: 'the list of databases is none' });
      server.override = () => ({ status: 502 });
      expect(await told(make(evict))).to.include({ reason: 'http', message: 'HTTP 502', failbackOnly: true });
    });

    it('when its certificate is not trusted', async () => {
      expect(await told(make({ ...evict, tls: {} }))).to.include({ ok: false, reason: 'tls', failbackOnly: true });
      expect(server.requests, 'nobody was given the password').to.be.empty;
    });

    it('when its certificate is for another name', async () => {
      const verdict = await told(make({ ...evict, tls: { ca, servername: 'cluster.example.com' } }));
      expect(verdict).to.include({ ok: false, reason: 'tls', failbackOnly: true });
      expect(server.requests).to.be.empty;
    });

    it('unless it need not be trusted', async () => {
      expect(await told(make({ ...evict, tls: { rejectUnauthorized: false } }))).to.equal('good');
    });

    it('when nothing listens there', async () => {
      const closed = new RestServer();
      await closed.start();
      const { url } = closed;
      await closed.close();
      expect(await told(make({ ...evict, url }))).to.include({ reason: 'refused', failbackOnly: true });
    });

    it('when it does not answer: then the request ends with the check', async () => {
      server.override = never;
      const time = new AbortController();
      const verdict = told(make(evict), contextAt('x', { signal: time.signal }));
      while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      time.abort();
      expect(await verdict).to.include({ ok: false, failbackOnly: true });
    });
  });

  it('goes on over a new connection when one that was kept is closed', async () => {
    server.closesKeptConnections = true;
    const check = make({ bdbId: 7 });
    for (let i = 0; i < 3; i++) expect(await verdictOf(check, contextAt('x'))).to.deep.equal({ ok: true });
    expect(server.connections).to.equal(3);
  });

  it('is bad when the endpoint itself is, whatever the REST interface says', async () => {
    const call = (): Promise<unknown> => Promise.reject(replyError('LOADING no'));
    const verdict = await verdictOf(make(), contextAt('east.example.com', { call }));
    expect(verdict).to.deep.equal({ ok: false, reason: 'loading', message: 'LOADING no' });
  });

  it('shows who it is by a certificate', async () => {
    const strict = new RestServer({ asksForCertificate: true });
    await strict.start();
    try {
      strict.databases = server.databases;
      const { cert, key } = strict.certificates;
      const tls = { ca, cert: readFileSync(cert), key: readFileSync(key) };
      expect(await verdictOf(make({ url: strict.url, tls }))).to.deep.equal({ ok: true });
      expect(await verdictOf(make({ url: strict.url }))).to.include({ ok: false, failbackOnly: true });
    } finally {
      await strict.close();
    }
  });

  it('shows no secret, nor does it tell what the server repeats', async () => {
    const secrets = [USER.password, Buffer.from(`${USER.username}:${USER.password}`).toString('base64')];
    const check = make();
    server.override = () => ({ status: 503, body: { error_code: 'bdb_unavailable', description: secrets.join(' ') } });
    const verdict = JSON.stringify(await verdictOf(make({ bdbId: 7 })));
    const seen = [inspect(check, { depth: Infinity, showHidden: true }), verdict].join();
    for (const secret of secrets) expect(seen).not.to.contain(secret);
    expect(verdict).to.contain('bdb_unavailable, *** ***');
  });
});
