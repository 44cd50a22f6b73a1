import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultyEndpoint } from '../../../spec/support/faults.ts';

const TIMEOUT_MS = 5_000;
const LOOK_EVERY_MS = 10;

/** Lets a server fail to save a snapshot: it refuses writes from then on, by MISCONF. */
export async function refuseWritesForDisk({ server }: FaultyEndpoint): Promise<void> {
  // A snapshot cannot take the place of a folder that is not empty.
  const place = join(server.directory, 'dump.rdb');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'in-the-way'), '');
  await server.cli('CONFIG', 'SET', 'save', '3600 1000000000');
  await server.cli('BGSAVE');
  const until = performance.now() + TIMEOUT_MS;
  while (!String(await server.cli('INFO', 'persistence')).includes('rdb_last_bgsave_status:err')) {
    if (performance.now() > until) throw new Error('the snapshot does not fail');
    await delay(LOOK_EVERY_MS);
  }
}

export async function stopRefusingForDisk({ server }: FaultyEndpoint): Promise<void> {
  await server.cli('CONFIG', 'SET', 'save', '');
  rmSync(join(server.directory, 'dump.rdb'), { recursive: true, force: true });
}
