import { setTimeout as delay } from 'node:timers/promises';
import type { SubjectCalls } from '../protocol.ts';
import type { FaultKind, PlannedFault } from '../schedule.ts';
import type { Made, Stage } from './stage.ts';

type Make = (stage: Stage, planned: PlannedFault) => Promise<Made>;

const CUT_MS = 2_000;
const SWITCH_MS = 4_000;
const ASK_EVERY_MS = 200;

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

/** There as soon as that endpoint can serve and, after a while, free to go back. */
const plannedSwitch: Make = async (stage, { forMs }) => {
  const ask = (): ReturnType<SubjectCalls['switchTo']> =>
    stage.subject.call('switchTo', { to: stage.endpoint('standby').id });
  const until = performance.now() + SWITCH_MS;
  let report = await ask();
  while (typeof report === 'string' && performance.now() < until) {
    await delay(ASK_EVERY_MS);
    report = await ask();
  }
  if (typeof report === 'string') return { isConfirmed: false, note: report };
  await delay(forMs);
  await stage.subject.call('release');
  return { isConfirmed: true };
};

/** As soon as that endpoint is good. */
const replace: Make = async (stage, { target }) => {
  const { id } = stage.endpoint(target);
  const until = performance.now() + SWITCH_MS;
  let error = await stage.subject.call('replace', id);
  while (error !== undefined && performance.now() < until) {
    await delay(ASK_EVERY_MS);
    error = await stage.subject.call('replace', id);
  }
  return error === undefined ? { isConfirmed: true } : { isConfirmed: false, note: error };
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
  replace,
  block,
  stop,
};
