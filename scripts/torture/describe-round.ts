import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSwitch } from '../../spec/simulation/judge-switch.ts';
import { formatReport } from '../../spec/support/checker/verdict.ts';
import { describeFault } from './faults/fault-log.ts';
import { countFindings } from './judge-round.ts';
import type { RoundOutcome } from './round.ts';

export function isBad({ judgement, further }: RoundOutcome): boolean {
  return Object.values(countFindings(judgement.report, further)).some((times) => times > 0);
}

/** Everything that is needed to look at a round, above all at one that broke a rule. */
export function describeRound(outcome: RoundOutcome, repeat: string): string {
  const { seed, faults, switches, unexplained, judgement, further } = outcome;
  const found = Object.entries(further).flatMap(([rule, texts]) => texts.map((text) => `${rule}: ${text}`));
  return [
    `\nseed ${seed}${isBad(outcome) ? ' broke a rule' : ''}; to repeat it: ${repeat}`,
    ...faults.map((fault) => `  fault   ${describeFault(fault)}`),
    ...switches.map((event) => `  switch  ${describeSwitch(event, event.atMs)}`),
    ...unexplained.map((event) => `  without a fault: ${describeSwitch(event, event.atMs)}`),
    ...found.map((text) => `  FOUND   ${text}`),
    formatReport(judgement.report),
    `Histories and logs: ${keep(outcome)}\n`,
  ].join('\n');
}

/** Keeps what the callers were told and what the servers executed. */
function keep({ seed, faults, switches, result, judgement, further }: RoundOutcome): string {
  const folder = mkdtempSync(join(tmpdir(), `torture-seed-${seed}-`));
  const file = join(folder, 'round.json');
  writeFileSync(file, JSON.stringify({ seed, faults, switches, result, ...judgement, further }, undefined, 1));
  return file;
}
