import { expect } from 'chai';
import type { FailoverRules } from '../../lib/failover/failover-state.ts';
import { Flow } from './flow.ts';

/** Steps with what follows from each of them; nothing where nothing is said. */
export type Steps = readonly (string | readonly [step: string, follows: string])[];

export interface FlowCase {
  readonly name: string;
  /** With their weights. */
  readonly endpoints?: string;
  readonly rules?: Partial<FailoverRules>;
  readonly steps: Steps;
  /** The active endpoint in the end. */
  readonly active: string;
}

/** Cases by situation. */
export type FlowTable = Readonly<Record<string, readonly FlowCase[]>>;

export const UP: Steps = ['a ready', 'a healthy 3', 'b ready', 'b healthy 3'];
export const C_UP: Steps = ['c ready', 'c healthy 3'];
export const SILENT_A: Steps = [['verdict a silence', 'switch a>b failover silence']];

export function describeFlows(table: FlowTable): void {
  for (const [situation, cases] of Object.entries(table)) {
    describe(situation, () => {
      for (const { name, endpoints = 'a 2, b 1', rules, steps, active } of cases) {
        it(name, () => {
          const flow = new Flow(endpoints, rules);
          const expected = steps.map((step) => (typeof step === 'string' ? ([step, ''] as const) : step));
          const happened = expected.map(([step]) => [step, flow.tell(step)]);

          expect(happened).to.deep.equal(expected);
          expect(flow.state.activeId).to.equal(active);
        });
      }
    });
  }
}
