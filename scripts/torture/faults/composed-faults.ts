import { setTimeout as delay } from 'node:timers/promises';
import type { FaultyEndpoint } from '../../../spec/support/faults.ts';
import type { FaultKind, LastingKind, PlannedFault } from '../schedule.ts';
import type { Made, Stage } from './stage.ts';

type Make = (stage: Stage, planned: PlannedFault) => Promise<Made>;

const FLAPS = 3;
/** What lies between the beginning of a switch and its end is short, so that replies are delayed to have time for a fault. */
const SLOW_REPLIES_MS = 250;
const DRAIN_MS = 1_000;
const LOOK_MS = 15;
const LEAVE_MS = 300;
const FAILBACK_MS = 8_000;

/** The same fault at both endpoints, at the same time. */
const both: Make = async (stage, { inner, forMs }) => {
  const { east, west } = stage.pair;
  let inPlace = 0;
  let most = 0;
  const at = (endpoint: FaultyEndpoint): Promise<void> =>
    stage.during(inner, endpoint, async (isInPlace) => {
      if (isInPlace) inPlace++;
      most = Math.max(most, inPlace);
      await delay(forMs);
      if (isInPlace) inPlace--;
    });
  await Promise.all([at(east), at(west)]);
  return { isConfirmed: most === 2, note: `${inner} at ${most} of 2` };
};

/** Down and up again, several times. */
const flapping: Make = async (stage, { target, inner, chance }) => {
  const endpoint = stage.endpoint(target);
  let downs = 0;
  for (let times = 0; times < FLAPS; times++) {
    await stage.during(inner, endpoint, async (isInPlace) => {
      if (isInPlace) downs++;
      await delay(chance * 300);
    });
    await delay((1 - chance) * 300);
  }
  return { isConfirmed: downs === FLAPS, note: `${downs} of ${FLAPS} times down` };
};

/** A switch is asked for, and while commands in flight are waited for, one of the two endpoints fails. */
const drainFault: Make = async (stage, { target, inner, chance, forMs }) => {
  const from = stage.endpoint('active');
  const to = stage.other(from);
  await from.proxy.delay(SLOW_REPLIES_MS, 'toClient');
  try {
    const before = stage.subject.switchedAt.length;
    const calledAt = Date.now();
    const switched = stage.subject.call('switchTo', { to: to.id, drainMs: DRAIN_MS });
    // Looking at the other endpoint takes a few milliseconds.
    await delay(LOOK_MS + chance * 50);
    const made = await failDuring(stage, { inner, at: target === 'active' ? from : to, forMs, before });
    const report = await switched;
    await stage.subject.call('release');
    if (typeof report === 'string') return { isConfirmed: false, note: `${made.note}, ${report}` };
    const isInDrain = made.appliedAt >= calledAt + report.phases.checkMs;
    return isInDrain ? made : { isConfirmed: false, note: `${made.note}, before the drain` };
  } finally {
    await from.proxy.lift(['delay']);
  }
};

/** The best endpoint is left and may be gone back to; at the moment when that is decided, one of the two fails. */
const failbackFault: Make = async (stage, { target, inner, chance, forMs }) => {
  const { subject } = stage;
  const { east, west } = stage.pair;
  const left = await subject.call('switchTo', { to: west.id });
  if (typeof left === 'string') return { isConfirmed: false, note: left };
  await delay(LEAVE_MS);
  await west.proxy.delay(SLOW_REPLIES_MS, 'toClient');
  try {
    await subject.call('catchFailback');
    const caught = subject.failbackCaught(FAILBACK_MS);
    await subject.call('release');
    if (!(await caught)) return { isConfirmed: false, note: 'no failback' };
    const before = subject.switchedAt.length;
    const letGo = subject.call('letGo');
    await delay(chance * 20);
    const made = await failDuring(stage, { inner, at: target === 'active' ? west : east, forMs, before });
    await letGo;
    return made;
  } finally {
    await subject.call('letGo');
    await west.proxy.lift(['delay']);
  }
};

interface During {
  readonly inner: LastingKind;
  readonly at: FaultyEndpoint;
  readonly forMs: number;
  /** Switches that had been before the one that is disturbed. */
  readonly before: number;
}

interface MadeDuring extends Made {
  readonly note: string;
  /** By `Date.now()`. */
  readonly appliedAt: number;
}

async function failDuring(stage: Stage, { inner, at, forMs, before }: During): Promise<MadeDuring> {
  const seen = { isInPlace: false, at: 0 };
  await stage.during(
    inner,
    at,
    async (isInPlace) => {
      seen.isInPlace = isInPlace;
      await delay(forMs);
    },
    () => (seen.at = Date.now()),
  );
  const isInTime = stage.subject.switchedAt.slice(before).every((switchedAt) => switchedAt >= seen.at);
  const note = `${inner} at ${at.id}${isInTime ? '' : ', too late'}`;
  return { isConfirmed: seen.isInPlace && isInTime, note, appliedAt: seen.at };
}

export const COMPOSED_FAULTS: Readonly<Partial<Record<FaultKind, Make>>> = {
  both,
  flapping,
  'failback-fault': failbackFault,
  'drain-fault': drainFault,
};
