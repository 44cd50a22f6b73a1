import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { GeoFailoverOptions } from '../../../lib/index.ts';
import { type CaseSignal, parseSignal } from './case-signal.ts';
import { parseDuration } from './duration.ts';

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue(`"${text}" is no duration, such as 1500ms, 1.5s or 2min`);
  return z.NEVER;
});

/** One, or several in their order. */
const oneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

const signals = oneOrMore.transform((texts, context): { readonly text: string; readonly signal: CaseSignal }[] => {
  try {
    return texts.map((text) => ({ text, signal: parseSignal(text) }));
  } catch (error) {
    context.addIssue(String(error));
    return z.NEVER;
  }
});

const endpointState = z.strictObject({
  health: z.enum(['unknown', 'healthy', 'unhealthy']).optional(),
  circuit: z.enum(['closed', 'open', 'half-open', 'isolated']).optional(),
  connected: z.boolean().optional(),
  goodChecks: z.int().optional(),
  lostData: z.boolean().optional(),
  weight: z.number().optional(),
});

/** What is not named is not looked at. */
const state = z
  .object({
    epoch: z.int().optional(),
    /** The id of an endpoint, or `none`. */
    pinned: z.string().optional(),
    preparing: z.string().optional(),
    down: z.boolean().optional(),
  })
  .catchall(endpointState);

const step = z.strictObject({
  at: duration.optional(),
  signal: signals.optional(),
  events: oneOrMore.optional(),
  rejected: oneOrMore.optional(),
  commands: oneOrMore.optional(),
  active: z.string().optional(),
  state: state.optional(),
});

const given = z.strictObject({
  /** With their weights. */
  endpoints: z.record(z.string(), z.number()).default({ eu: 2, us: 1 }),
  start: z.enum(['all endpoints are up', 'nothing is known']).default('all endpoints are up'),
  /** The package's own; it refuses unknown ones itself. */
  options: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** What is drawn for the random part of a failback's delay, switch by switch, from 0 to 1. */
  random: z.array(z.number().min(0).max(1)).default([]),
});

const failoverCase = z.strictObject({
  title: z.string().regex(/^[A-Z`].*\.$/, 'must be a sentence'),
  given: given.prefault({}),
  steps: z.array(step).min(1),
});

const caseFile = z.strictObject({ subject: z.string(), cases: z.array(failoverCase).min(1) });

export type CaseStep = z.infer<typeof step>;
export type CaseState = z.infer<typeof state>;
export type FailoverCase = z.infer<typeof failoverCase>;
export type CaseFile = z.infer<typeof caseFile>;
export type CaseOptions = Partial<Pick<GeoFailoverOptions, 'failback' | 'failover' | 'initialization'>>;

const folder = new URL('../cases/', import.meta.url);

/** @throws Error when it contains a key that does not belong there, or a sentence that nobody understands. */
export function readCases(text: string): CaseFile {
  const read = caseFile.safeParse(parse(text));
  if (!read.success) throw new Error(z.prettifyError(read.error));
  for (const { title, steps } of read.data.cases) {
    const times = steps.flatMap(({ at }) => at ?? []);
    const isInOrder = times.every((time, i) => time >= (times[i - 1] ?? 0));
    if (!isInOrder) throw new Error(`The steps of "${title}" are not in the order of their times`);
  }
  return read.data;
}

/** All cases, by subject. */
export function allCases(): CaseFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => {
    try {
      return readCases(readFileSync(new URL(name, folder), 'utf8'));
    } catch (error) {
      throw new Error(`${name}: ${String(error)}`, { cause: error });
    }
  });
}
