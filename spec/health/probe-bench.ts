import type sinon from 'sinon';
import type { EndpointClient } from '../../lib/endpoints/endpoint-client.ts';
import type { CheckResult } from '../../lib/health/check-result.ts';
import { Prober, type ProberSetup } from '../../lib/health/prober.ts';
import { RoleCheck } from '../../lib/health/role-check.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';
import { FakeCommandClient } from './fake-clients.ts';

/** A prober in faked time, and the clients that it made. */
export class ProbeBench {
  readonly time: sinon.SinonFakeTimers = fakeSystemTime();
  readonly clients: FakeCommandClient[] = [];
  /** What the next clients do. */
  prepare: (client: FakeCommandClient) => void = () => undefined;
  /** Looks for credentials. */
  authenticate: (() => Promise<void>) | undefined;
  prober: Prober;

  constructor() {
    this.prober = new Prober(this.setup());
  }

  setup(): ProberSetup {
    const createClient = (): EndpointClient => {
      const client = new FakeCommandClient();
      this.prepare(client);
      this.clients.push(client);
      const { authenticate } = this;
      return { ...client.endpointClient, ...(authenticate !== undefined && { authenticate }) };
    };
    return { createClient, roleCheck: new RoleCheck(() => undefined), clock: systemClock };
  }

  /** The outcome of a look that has so much time. */
  async look(timeoutMs = 500): Promise<CheckResult | undefined> {
    let result: CheckResult | undefined;
    void this.prober.look(timeoutMs).then((outcome) => (result = outcome));
    await this.time.tickAsync(timeoutMs + 10);
    return result;
  }
}

export function messageOf(result: CheckResult | undefined): string | undefined {
  return result?.ok === false ? result.error.message : undefined;
}
