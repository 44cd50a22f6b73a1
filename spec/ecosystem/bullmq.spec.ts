import { type Job, Queue, type QueueBase, QueueEvents, Worker } from 'bullmq';
import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { nextEvent } from '../support/next-event.ts';
import { regionsForEachTest } from './regions.ts';

/**
 * Every part of BullMQ is given the same client; workers and QueueEvents duplicate it for their blocking commands.
 *
 * A script that was in flight at the loss may have been executed, so that it fails. BullMQ takes that for a lost
 * connection, and tries again after `runRetryDelay`, which is 15 seconds unless it is told otherwise.
 */
describe('BullMQ', () => {
  const regions = regionsForEachTest();
  let connection: GeoFailoverRedis;
  let queue: Queue;
  let worker: Worker;
  let events: QueueEvents;
  let errors: Error[];
  /** What a job named `slow` waits for. */
  let slowWork: { readonly done: Promise<void>; finish: () => void };

  beforeEach(async () => {
    connection = await regions.connect({ maxRetriesPerRequest: null });
    errors = [];
    let finish = (): void => undefined;
    slowWork = { done: new Promise((resolve) => (finish = resolve)), finish: () => finish() };
    queue = new Queue('work', { connection });
    worker = new Worker('work', work, { connection, concurrency: 2, runRetryDelay: 50 });
    events = new QueueEvents('work', { connection, lastEventId: '0-0' });
    for (const part of [queue, worker, events] as readonly QueueBase[]) {
      regions.atTheEnd(() => part.close());
      part.on('error', (error: Error) => errors.push(error));
      await part.waitUntilReady();
    }
    regions.atTheEnd(() => slowWork.finish());
  });

  afterEach(() => {
    expect(errors).to.deep.equal([]);
  });

  async function work(job: Job): Promise<string> {
    if (job.name === 'slow') await slowWork.done;
    return `${job.name} is done`;
  }

  /** Resolves when the worker has completed so many jobs of this name. */
  function completed(name: string, count = 1): Promise<void> {
    return new Promise((resolve) => {
      const listener = (job: Job): void => {
        if (job.name !== name || --count > 0) return;
        worker.off('completed', listener);
        resolve();
      };
      worker.on('completed', listener);
    });
  }

  async function expectAllKindsOfJobsDone(): Promise<void> {
    const jobs = await queue.addBulk(['a', 'b', 'c'].map((name) => ({ name, data: {} })));
    const delayed = await queue.add('later', {}, { delay: 100 });
    const results = await Promise.all([...jobs, delayed].map((job) => job.waitUntilFinished(events)));
    expect(results).to.deep.equal(['a is done', 'b is done', 'c is done', 'later is done']);

    const ticks = completed('tick', 3);
    await queue.upsertJobScheduler('clock', { every: 50, limit: 3 }, { name: 'tick' });
    await ticks;
    expect(await queue.getWorkers()).to.have.lengthOf(1);
  }

  it('does jobs, delayed jobs and schedules that are added after its region was lost', async () => {
    await expectAllKindsOfJobsDone();
    await regions.loseEast(connection);
    await expectAllKindsOfJobsDone();
  });

  it('follows planned switches at once', async () => {
    for (const region of ['west', 'east', 'west']) {
      expect(await connection.geo.switchTo(region)).to.include({ to: region, isDrained: true });
      const job = await queue.add('moved', {});
      expect(await job.waitUntilFinished(events)).to.equal('moved is done');
    }
  });

  it('goes on with the jobs and schedules that it finds in the other region', async () => {
    const tick = completed('tick');
    await queue.upsertJobScheduler('clock', { every: 1_500 }, { name: 'tick' });
    await tick;
    const delayed = await queue.add('later', {}, { delay: 1_000 });
    await regions.copyData();
    await regions.loseEast(connection);
    const nextTick = completed('tick');
    // A worker whose wait was broken off does not know any more when the next job is due. It looks for it after ten
    // seconds (`maximumBlockTimeout`), or when it has another one to do.
    await queue.add('now', {});

    expect(await delayed.waitUntilFinished(events)).to.equal('later is done');
    await nextTick;
    expect(await queue.getJobSchedulersCount()).to.equal(1);
  });

  it('completes in the other region what was being done, and closes behind it', async () => {
    const active = new Promise((resolve) => worker.once('active', resolve));
    const job = await queue.add('slow', {});
    await active;
    await regions.copyData();
    await regions.loseEast(connection);
    const closed = worker.close();
    slowWork.finish();
    await closed;

    expect(await job.getState()).to.equal('completed');
    expect(await job.waitUntilFinished(events)).to.equal('slow is done');
  });

  it('closes while no region can be reached', async () => {
    await expectAllKindsOfJobsDone();
    const down = nextEvent(connection, 'allEndpointsUnhealthy');
    await Promise.all(regions.pair.endpoints.map(({ server }) => server.kill()));
    await down;
    for (const part of [worker, events, queue]) await part.close();
    await connection.quit();
    expect(errors.splice(0), 'what ioredis tells of lost connections').to.not.be.empty;
  });
});
