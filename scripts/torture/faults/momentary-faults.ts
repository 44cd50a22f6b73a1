import { setTimeout as delay } from 'node:timers/promises';
import type { FaultKind, PlannedFault } from '../schedule.ts';
import type { Made, Stage } from './stage.ts';

type Make = (stage: Stage, planned: PlannedFault) => Promise<Made>;

const CUT_MS = 2_000;

const reset: Make = async (stage, { target }) => {
  const { proxy } = stage.endpoint(target);
  const before = new Set(proxy.connections().flatMap(({ id, clientGone }) => (clientGone ? [] : [id])));
  await proxy.reset();
  const left = proxy.connections().filter(({ id, clientGone }) => before.has(id) && !clientGone).length;
  return { isConfirmed: before.size > 0 && left === 0, note: `${before.size} connections, ${left} left` };
};

const cutReply: Make = async (stage, { target, chance }) => {
  const { proxy } = stage.endpoint(target);
  const before = proxy.counters.cutReplies;
  proxy.cutReply(chance);
  try {
    await proxy.waitFor(({ counters }) => counters.cutReplies > before, CUT_MS);
    return { isConfirmed: true };
  } catch {
    return { isConfirmed: false, note: 'no reply came' };
  }
};

/** There and, after a while, free to go back. */
const plannedSwitch: Make = async (stage, { forMs }) => {
  const report = await stage.subject.call('switchTo', { to: stage.endpoint('standby').id });
  if (typeof report === 'string') return { isConfirmed: false, note: report };
  await delay(forMs);
  await stage.subject.call('release');
  return { isConfirmed: true };
};

const block: Make = async ({ subject }, { forMs }) => ({ isConfirmed: (await subject.call('block', forMs)) >= forMs });

const stop: Make = async ({ subject }, { forMs }) => {
  await subject.stopFor(forMs);
  return { isConfirmed: true };
};

export const MOMENTARY_FAULTS: Readonly<Partial<Record<FaultKind, Make>>> = {
  reset,
  'cut-reply': cutReply,
  switch: plannedSwitch,
  block,
  stop,
};
