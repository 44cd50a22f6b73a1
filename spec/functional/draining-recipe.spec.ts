import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { type EndpointSwitchedEvent, type GeoFailoverRedis, isGeoFailoverError } from '../../lib/index.ts';
import { followWeights } from '../support/follow-weights.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { nextEvent } from '../support/next-event.ts';

const HEADING = '### Draining a region';

describe('The recipe for draining a region', () => {
  it('is what the README shows', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const recipe = readFileSync(new URL('../support/follow-weights.ts', import.meta.url), 'utf8');
    const [, section = ''] = readme.split(`\n${HEADING}\n`);
    const [, shown] = /```ts\n(.*?)```/s.exec(section) ?? [];

    expect(shown).to.equal(recipe.replace('../../lib/index.ts', 'ioredis-geo-failover'));
  });

  describe('followed by a fleet', () => {
    const pair = geoPairForEachTest();
    let directory: string;
    let file: string;
    let fleet: GeoFailoverRedis[];
    let ends: (() => void)[];
    let errors: unknown[];

    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'ioredis-geo-failover-weights-'));
      file = join(directory, 'weights.json');
      write({ east: 1, west: 0.5 });
      errors = [];
      // No failback would happen by itself.
      const failback = { enabled: false };
      fleet = await Promise.all([1, 2, 3].map(() => pair.connect({ ...SHORT_TIMES, failback })));
      const onError = (error: unknown): void => void errors.push(error);
      ends = fleet.map((client) => followWeights(client, file, { spreadMs: 20, onError }));
    });

    afterEach(() => {
      for (const end of ends) end();
      rmSync(directory, { recursive: true, force: true });
    });

    /** As deployments do it: readers see the old file or the new one. */
    function write(weights: unknown): void {
      writeFileSync(`${file}.new`, typeof weights === 'string' ? weights : JSON.stringify(weights));
      renameSync(`${file}.new`, file);
    }

    /** Resolves when as many such errors were told as there are clients. */
    async function toldByAll(isMeant: (error: unknown) => boolean): Promise<void> {
      // The test's own limit bounds it.
      while (errors.filter(isMeant).length < fleet.length) await nextTurn();
    }

    const allSwitched = (to: string): Promise<EndpointSwitchedEvent[]> =>
      Promise.all(fleet.map((client) => nextEvent(client, 'endpointSwitched', (event) => event.to === to)));

    it('moves everybody away and back, without an error and without a lost command', async () => {
      const [first] = fleet as [GeoFailoverRedis];
      const { load, finish } = startJudgedLoad(pair, first);
      await load.nextSuccesses(50);
      const drained = allSwitched('west');
      write({ east: 0.1, west: 0.5 });
      for (const { report } of await drained) expect(report).to.include({ isDrained: true });
      await load.nextSuccesses(50);
      const back = allSwitched('east');
      write({ east: 1, west: 0.5 });
      for (const { report } of await back) expect(report).to.include({ isDrained: true });
      await load.nextSuccesses(50);

      expect((await finish()).errors).to.deep.equal([]);
      expect(errors).to.deep.equal([]);
    });

    it('moves everybody upon SIGHUP', async () => {
      for (const end of ends) end();
      write({ east: 0.1, west: 0.5 });
      ends = fleet.map((client) => followWeights(client, file, { spreadMs: 0 }));
      const drained = allSwitched('west');
      process.kill(process.pid, 'SIGHUP');

      expect((await drained).map(({ from, kind }) => [from, kind])).to.deep.equal(
        fleet.map(() => ['east', 'failback']),
      );
    });

    it('leaves everybody where they are when the file is broken, or the other endpoint is', async () => {
      const isBroken = (error: unknown): boolean => error instanceof SyntaxError;
      write('{ "east": 0.1, ');
      await toldByAll(isBroken);
      await pair.west.proxy.refuse();
      write({ east: 0.1, west: 0.5 });
      await toldByAll((error) => isGeoFailoverError(error, 'GEO_ENDPOINT_UNHEALTHY'));

      expect(fleet.map(({ geo }) => geo.activeEndpoint)).to.deep.equal(fleet.map(() => 'east'));
      expect(await fleet[0]?.set('k', 'v')).to.equal('OK');
    });
  });
});
