import { setTimeout as delay } from 'node:timers/promises';
import type { FaultyEndpoint } from '../../../spec/support/faults.ts';
import { type Episode, isComposed, type LastingKind, type PlannedFault } from '../schedule.ts';
import { COMPOSED_FAULTS } from './composed-faults.ts';
import { LASTING_FAULTS } from './lasting-faults.ts';
import { MOMENTARY_FAULTS } from './momentary-faults.ts';
import type { Made, Stage } from './stage.ts';

const CALM_MS = 6_000;

/** Makes all faults of an episode, and lifts them. */
export async function runEpisode(stage: Stage, { faults, isCalmBefore, pauseMs }: Episode): Promise<void> {
  if (isCalmBefore) await stage.subject.call('calm', CALM_MS);
  await delay(pauseMs);
  await Promise.all(faults.map((planned) => runFault(stage, planned)));
  const [only] = faults;
  if (faults.length > 1 || only === undefined || !isComposed(only.kind) || stage.log.records.at(-1)?.isConfirmed)
    return;
  // What has to happen at one moment can come too late.
  await stage.subject.call('calm', CALM_MS);
  await runFault(stage, only);
}

async function runFault(stage: Stage, planned: PlannedFault): Promise<void> {
  if (!isComposed(planned.kind)) await delay(planned.afterMs);
  const endpoint = stage.endpoint(planned.target);
  const record = stage.log.open(planned.kind, detailOf(endpoint, planned), endpointsOf(stage, endpoint, planned));
  try {
    const { isConfirmed, note } = await make(stage, endpoint, planned);
    record.isConfirmed = isConfirmed;
    if (note !== undefined) record.note = note;
  } catch (error) {
    record.note = error instanceof Error ? error.message : String(error);
  } finally {
    stage.log.close(record);
  }
}

async function make(stage: Stage, endpoint: FaultyEndpoint, planned: PlannedFault): Promise<Made> {
  const { kind, forMs } = planned;
  const special = MOMENTARY_FAULTS[kind] ?? COMPOSED_FAULTS[kind];
  if (special !== undefined) return special(stage, planned);
  let isConfirmed = false;
  await stage.during(kind as LastingKind, endpoint, async (isInPlace) => {
    isConfirmed = isInPlace;
    await delay(forMs);
  });
  return { isConfirmed };
}

/** A connection that is lost is no reason to leave an endpoint, and neither is what happens to this side. */
function endpointsOf({ pair: { east, west } }: Stage, endpoint: FaultyEndpoint, { kind }: PlannedFault): string[] {
  if (kind in LASTING_FAULTS || kind === 'flapping') return [endpoint.id];
  return isComposed(kind) ? [east.id, west.id] : [];
}

function detailOf({ id }: FaultyEndpoint, { kind, target, forMs, inner }: PlannedFault): string {
  const where = `of ${id} (${target})`;
  if (kind === 'block' || kind === 'stop') return `for ${forMs} ms`;
  if (kind === 'both') return `by ${inner} for ${forMs} ms`;
  if (isComposed(kind)) return `${where} by ${inner} for ${forMs} ms`;
  return kind in LASTING_FAULTS ? `${where} for ${forMs} ms` : where;
}
