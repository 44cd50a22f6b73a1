import { createRequire } from 'node:module';
import { context, trace } from '@opentelemetry/api';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { eventUpon } from '../support/next-event.ts';
import { regionsForEachTest } from './regions.ts';

const require = createRequire(import.meta.url);

/** It knows ioredis by the name of the package. Here the second major version is installed under another one. */
class SelectedInstrumentation extends IORedisInstrumentation {
  override init(): ReturnType<IORedisInstrumentation['init']> {
    const definitions = super.init();
    const [name] = /ioredis(?:-6)?(?=[\\/]built)/.exec(require.resolve('ioredis')) ?? ['ioredis'];
    for (const definition of definitions) definition.name = name;
    return definitions;
  }
}

describe("OpenTelemetry's instrumentation of ioredis", () => {
  const regions = regionsForEachTest();
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  let instrumentation: IORedisInstrumentation;
  let client: GeoFailoverRedis;

  before(() => {
    provider.register();
    instrumentation = new SelectedInstrumentation();
    instrumentation.setTracerProvider(provider);
    // It acts on what is required from now on.
    require('ioredis');
  });

  after(async () => {
    instrumentation.disable();
    await provider.shutdown();
    trace.disable();
    context.disable();
  });

  /** A piece of the application's work, within which commands are traced. */
  function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
    return provider.getTracer('application').startActiveSpan(name, async (span) => {
      try {
        return await work();
      } finally {
        span.end();
      }
    });
  }

  beforeEach(async () => {
    exporter.reset();
    client = await inSpan('start', () => regions.connect());
  });

  /** What was done within a piece of work, each with the region where it was done, or tried. */
  function spansWithin(name: string): string[] {
    const spans = exporter.getFinishedSpans();
    const id = spans.find((span) => span.name === name)?.spanContext().spanId;
    return spans
      .filter(({ parentSpanContext }) => id !== undefined && parentSpanContext?.spanId === id)
      .map(describeSpan);
  }

  function describeSpan({ attributes, status }: ReadableSpan): string {
    const at = regions.pair.endpoints.find(({ proxy }) => proxy.port === attributes['server.port'])?.id ?? 'nowhere';
    const failure = status.message === undefined ? '' : `: ${status.message}`;
    return `${String(attributes['db.operation.name'])} at ${at}${failure}`;
  }

  async function work(): Promise<void> {
    await client.set('k', 'v');
    await client.pipeline().get('k').exec();
    await client.multi().get('k').exec();
  }

  function spansOfWorkAt(region: string): string[] {
    return ['set', 'PIPELINE get', 'multi', 'MULTI get', 'exec'].map((name) => `${name} at ${region}`);
  }

  it('sees each command once, where it was sent', async () => {
    await inSpan('before', work);
    await regions.loseEast(client);
    await inSpan('after', work);

    expect(spansWithin('before')).to.deep.equal(spansOfWorkAt('east'));
    expect(spansWithin('after')).to.deep.equal(spansOfWorkAt('west'));
  });

  it('sees what was in flight when the region was lost until its caller has an answer', async () => {
    await regions.pair.east.proxy.swallowReplies();
    const answers = [
      inSpan('reading', () => client.get('k')),
      inSpan('counting', () => client.incr('n').catch((reason: unknown) => reason)),
    ];
    await regions.loseEast(client);
    const [value, error] = await Promise.all(answers);

    expect(value).to.equal(null);
    expect(error).to.include({ code: 'GEO_AMBIGUOUS' });
    expect(spansWithin('reading')).to.deep.equal(['get at east']);
    expect(spansWithin('counting')).to.deep.equal(['incr at east: Connection is closed.']);
  });

  it('sees what waited within the work that asked for it', async () => {
    await eventUpon(client, 'allEndpointsUnhealthy', () => regions.pair.refuse());
    const waiting = inSpan('waiting', work);
    await regions.pair.heal();
    await waiting;

    expect(spansWithin('waiting')).to.deep.equal(spansOfWorkAt(client.geo.activeEndpoint));
  });

  it('sees none of what the client does for itself', async () => {
    await inSpan('work', () => client.set('k', 'v'));
    await regions.loseEast(client);

    // The PING is the application's: it waits for the connection.
    const names = exporter.getFinishedSpans().map(({ name }) => name);
    expect(names).to.deep.equal(['ping', 'start', 'set', 'work']);
  });
});
