import { expect } from 'chai';
import type { FailoverRules } from '../../lib/failover/failover-state.ts';
import { Flow } from './flow.ts';

/** Steps with what follows from each of them; nothing where nothing is said. */
type Steps = readonly (string | readonly [step: string, follows: string])[];

interface Case {
  readonly name: string;
  readonly endpoints?: string;
  readonly rules?: Partial<FailoverRules>;
  readonly steps: Steps;
  readonly active: string;
}

const UP: Steps = ['a ready', 'a healthy 3', 'b ready', 'b healthy 3'];
const C_UP: Steps = ['c ready', 'c healthy 3'];
const SILENT_A: Steps = [['verdict a silence', 'switch a>b failover silence']];

const situations: Readonly<Record<string, readonly Case[]>> = {
  'at the start': [
    { name: 'stays with the heaviest endpoint when all come up', steps: UP, active: 'a' },
    {
      name: 'stays with the heaviest endpoint while it is not known yet, whoever else is ready',
      steps: ['b ready', 'b healthy 1'],
      active: 'a',
    },
    {
      name: 'waits for others that are not known yet when the heaviest endpoint is found bad',
      steps: ['a unhealthy', 'time', ['b ready', 'switch a>b failover health-check'], 'b healthy 1'],
      active: 'b',
    },
    {
      name: 'tells once that no endpoint is good',
      steps: ['a unhealthy', ['b unhealthy', 'all-unhealthy'], 'a unhealthy', 'b unhealthy', 'time'],
      active: 'a',
    },
    {
      name: 'begins with the first listed of equal ones',
      endpoints: 'a 1, b 1',
      steps: ['b ready', 'b healthy 3', 'a ready', 'a healthy 3'],
      active: 'a',
    },
  ],

  'when the active endpoint fails': [
    { name: 'switches to another one by a verdict, with its reason', steps: [...UP, ...SILENT_A], active: 'b' },
    {
      name: 'switches by a health check',
      steps: [...UP, ['a unhealthy', 'switch a>b failover health-check']],
      active: 'b',
    },
    {
      name: 'switches to the heaviest of the others',
      endpoints: 'a 3, b 1, c 2',
      steps: [...UP, ...C_UP, ['verdict a rejected', 'switch a>c failover rejected']],
      active: 'c',
    },
    {
      name: 'does not switch to one that is not ready',
      steps: [...UP, 'b lost', ['verdict a silence', 'all-unhealthy'], ['b ready', 'switch a>b failover silence']],
      active: 'b',
    },
    {
      name: 'does not switch for a connection that is not ready by itself',
      steps: [...UP, 'a lost', 'wait 60000', 'a ready'],
      active: 'a',
    },
    {
      name: 'does not switch for a verdict on another endpoint',
      steps: [...UP, 'verdict b silence', 'b unhealthy'],
      active: 'a',
    },
    {
      name: 'goes on to the next one when the new one fails as well',
      endpoints: 'a 3, b 2, c 1',
      steps: [...UP, ...C_UP, ...SILENT_A, ['verdict b connection-lost', 'switch b>c failover connection-lost']],
      active: 'c',
    },
    {
      name: 'goes back at once, inside the grace period, when there is no other',
      steps: [...UP, ...SILENT_A, 'a healthy 1', ['verdict b silence', 'switch b>a failover silence']],
      active: 'a',
    },
    {
      name: 'rather goes to a lighter one than back inside the grace period',
      endpoints: 'a 3, b 2, c 1',
      steps: [...UP, ...C_UP, ...SILENT_A, 'a healthy 1', ['verdict b silence', 'switch b>c failover silence']],
      active: 'c',
    },
  ],

  'when nothing can take over': [
    {
      name: 'tells it once and resumes when the active endpoint is good again',
      steps: [
        ...UP,
        'b unhealthy',
        ['verdict a silence', 'all-unhealthy'],
        'verdict a rejected',
        'time',
        ['a healthy 1', 'resumed'],
      ],
      active: 'a',
    },
    {
      name: 'switches for the reason of the verdict when another one is good again first',
      steps: [
        ...UP,
        'b unhealthy',
        ['verdict a silence', 'all-unhealthy'],
        'a unhealthy',
        ['b healthy 1', 'switch a>b failover silence'],
      ],
      active: 'b',
    },
    {
      name: 'tells it again after it resumed',
      steps: [
        ...UP,
        'b unhealthy',
        ['verdict a silence', 'all-unhealthy'],
        ['a healthy 1', 'resumed'],
        ['verdict a silence', 'all-unhealthy'],
      ],
      active: 'a',
    },
    {
      name: 'does not name an old reason after it resumed',
      steps: [
        ...UP,
        'b unhealthy',
        ['verdict a silence', 'all-unhealthy'],
        ['a healthy 1', 'resumed'],
        'b healthy 1',
        ['a unhealthy', 'switch a>b failover health-check'],
      ],
      active: 'b',
    },
    {
      name: 'goes to an endpoint that is added',
      endpoints: 'a 1',
      steps: [
        'a ready',
        'a healthy 3',
        ['verdict a silence', 'all-unhealthy'],
        'add b 1',
        ['b ready', 'switch a>b failover silence'],
      ],
      active: 'b',
    },
  ],

  'with open circuits': [
    {
      name: 'leaves an endpoint whose circuit opens, although its checks are good',
      steps: [...UP, ['a circuit open', 'switch a>b failover circuit-breaker'], 'a healthy 4'],
      active: 'b',
    },
    {
      name: 'does not fail back before the circuit is closed',
      steps: [
        ...UP,
        ['a circuit open', 'switch a>b failover circuit-breaker'],
        'wait 70000',
        'a circuit half-open',
        ['a circuit closed', 'prepare a failback'],
      ],
      active: 'b',
    },
    {
      name: 'does not leave an endpoint whose circuit is half-open',
      steps: [...UP, 'a circuit half-open', 'time'],
      active: 'a',
    },
    {
      name: 'stays when the circuit of every other one is open as well',
      endpoints: 'a 1, b 1',
      steps: [...UP, 'b circuit open', 'a circuit open', 'time', 'b healthy 4', 'a healthy 4'],
      active: 'a',
    },
    {
      name: 'goes to the heaviest, once, when all circuits are open',
      steps: [
        ...UP,
        ['a circuit open', 'switch a>b failover circuit-breaker'],
        ['b circuit open', 'switch b>a failover circuit-breaker'],
        'time',
        'b healthy 4',
      ],
      active: 'a',
    },
    {
      name: 'rather goes to one with an open circuit than stays with one that fails',
      steps: [...UP, 'b circuit open', ['verdict a silence', 'switch a>b failover silence'], 'time'],
      active: 'b',
    },
    {
      name: 'goes on with the only endpoint',
      endpoints: 'a 1',
      steps: ['a ready', 'a healthy 1', 'a circuit open', 'time', 'a circuit half-open', 'a circuit closed'],
      active: 'a',
    },
    {
      name: 'resumes with an endpoint whose checks are good again, its circuit open like every other',
      steps: [
        ...UP,
        'b unhealthy',
        'a circuit open',
        ['verdict a silence', 'all-unhealthy'],
        ['a healthy 1', 'resumed'],
        'time',
      ],
      active: 'a',
    },
  ],

  'when endpoints come and go': [
    {
      name: 'does not go to one that was removed',
      steps: [...UP, 'remove b', ['verdict a silence', 'all-unhealthy']],
      active: 'a',
    },
    {
      name: 'goes to a heavier one that was added, by the rules of failback',
      steps: [...UP, 'add c 9', 'c ready', 'c healthy 1', 'c healthy 2', ['c healthy 3', 'prepare c failback']],
      active: 'a',
    },
    {
      name: 'does not go to a lighter one that was added',
      steps: [...UP, 'add c 1', ...C_UP],
      active: 'a',
    },
    {
      name: 'does not go to one of the same weight that was added',
      steps: [...UP, 'add c 2', ...C_UP],
      active: 'a',
    },
    {
      name: 'follows a changed weight, by the rules of failback',
      steps: [
        ...UP,
        'weight b 2',
        ['weight b 3', 'prepare b failback'],
        ['planned-ready', 'switch a>b failback failback, planned'],
      ],
      active: 'b',
    },
  ],
};

describe('The rules of failover', () => {
  for (const [situation, cases] of Object.entries(situations)) {
    describe(situation, () => {
      for (const { name, endpoints = 'a 2, b 1', rules, steps, active } of cases) {
        it(name, () => {
          const flow = new Flow(endpoints, rules);
          const told = steps.map((step) => (typeof step === 'string' ? ([step, ''] as const) : step));
          const happened = told.map(([step]) => [step, flow.tell(step)]);

          expect(happened).to.deep.equal(told);
          expect(flow.state.activeId).to.equal(active);
        });
      }
    });
  }
});
