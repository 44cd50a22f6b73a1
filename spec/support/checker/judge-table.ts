import { expect } from 'chai';
import type { ExecutedCommand } from './aof.ts';
import type { Operation } from './history.ts';
import { VIOLATIONS, type Report } from './report.ts';
import { formatReport, judge, type Evidence } from './verdict.ts';

export const id = (sequence: number) => `op-${String(sequence).padStart(6, '0')}-t`;

type Part = Partial<Operation>;

export const operation = (sequence: number, part: Part): Operation => ({
  ...{ id: id(sequence), kind: 'x', key: 'k', command: 'X', safety: 'other-write', issuedAt: sequence, status: 'ok' },
  ...part,
});
export const set = (n: number, part: Part = {}) =>
  operation(n, { kind: 'set', command: 'SET', safety: 'effect-and-reply', reply: 'OK', ...part });
export const burst = (n: number, part: Part = {}) => set(n, { kind: 'set-burst', key: 'burst', ...part });
export const incr = (n: number, part: Part = {}) =>
  operation(n, { kind: 'incr', command: 'INCR', key: `incr:${id(n)}`, reply: 1, ...part });
export const script = (n: number, part: Part = {}) =>
  operation(n, { kind: 'script', command: 'EVAL', key: `script:${id(n)}`, reply: 1, ...part });
export const rpush = (n: number, reply: unknown) =>
  operation(n, { kind: 'rpush', command: 'RPUSH', key: 'list', reply });
export const sadd = (n: number, reply: unknown = 1) =>
  operation(n, { kind: 'sadd', command: 'SADD', key: 'members', safety: 'effect', reply });
export const hset = (n: number, reply: unknown = 1) =>
  operation(n, { kind: 'hset', command: 'HSET', key: 'hash', safety: 'effect', reply });
export const del = (n: number, behind: number, reply: unknown = 1) =>
  operation(n, { kind: 'del', command: 'DEL', key: `del:${id(n)}`, safety: 'effect', behind: id(behind), reply });
export const get = (n: number, behind: number, reply: unknown) =>
  operation(n, { kind: 'pipeline', command: 'GET', safety: 'read-only', behind: id(behind), reply });

export const failed = (outcome?: 'not-executed' | 'maybe-executed', lacking: Part['error'] | object = {}): Part => ({
  status: 'error',
  reply: undefined,
  error: {
    ...{ name: 'GeoFailoverError', message: 'lost', code: 'GEO_AMBIGUOUS', endpointId: 'a', epoch: 1 },
    ...(outcome && { outcome }),
    ...lacking,
  },
});

/** `log('SET k op-…', 'INCR x')`; words of a line that begins with `1|` belong to transaction 1. */
export const log = (...lines: string[]): ExecutedCommand[] =>
  lines.map((line, order) => {
    const [, mark, text = ''] = /^(?:(\d+)\|)?(.*)$/.exec(line) ?? [];
    const [name = '', ...args] = text.split(' ');
    return { name, args, order, db: 0, ...(mark !== undefined && { transaction: Number(mark) }) };
  });

export const SET = (n: number, key = 'k') => `SET ${key} ${id(n)}`;
export const INCR = (n: number) => `INCR incr:${id(n)}`;
export const SADD = (n: number) => `SADD members ${id(n)}`;
export const group = (...members: number[]) => members.map((n) => incr(n, { kind: 'multi', group: 'g1' }));

type Expected = Partial<Record<(typeof VIOLATIONS)[number] | 'repeated' | 'inversions' | 'answeredElsewhere', number>>;
type Logs = Record<string, ExecutedCommand[]>;
export type Case = readonly [
  title: string,
  history: Operation[],
  logs: Logs,
  expected: Expected,
  more?: Partial<Evidence>,
];

function evidenceOf([, history, logs, , more]: Case): Evidence {
  return { history, servers: Object.entries(logs).map(([name, executed]) => ({ name, executed })), ...more };
}

function lengthsOf(report: Report): Expected {
  const rules = [...VIOLATIONS, 'repeated', 'inversions', 'answeredElsewhere'] as const;
  return Object.fromEntries(rules.flatMap((rule) => (report[rule].length > 0 ? [[rule, report[rule].length]] : [])));
}

/** One test per row: the rules that are broken and the figures, with how many findings each has. */
export function itJudges(cases: readonly Case[]): void {
  for (const testCase of cases) {
    const [title, , , expected] = testCase;
    const names = Object.entries(expected).map(([rule, count]) => `${rule} ${count}`);
    it(`${title}: ${names.join(', ') || 'nothing to report'}`, () => {
      const report = judge(evidenceOf(testCase));
      expect(lengthsOf(report), formatReport(report)).to.deep.equal(expected);
      expect(report.ok).to.equal(VIOLATIONS.every((rule) => expected[rule] === undefined));
    });
  }
}
