import { C_UP, type FlowTable, UP, describeFlows } from './flow-table.ts';

const table: FlowTable = {
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
    {
      name: 'does not name an old reason after it resumed with an open circuit',
      steps: [
        ...UP,
        'b unhealthy',
        'a circuit open',
        ['verdict a silence', 'all-unhealthy'],
        ['a healthy 1', 'resumed'],
        'b circuit open',
        'b healthy 1',
        ['a unhealthy', 'switch a>b failover health-check'],
      ],
      active: 'b',
    },
    {
      name: 'does not name an old reason after others were waited for with an open circuit',
      steps: [
        ...['a ready', 'a healthy 1', 'a circuit open', 'verdict a silence', 'a healthy 1'],
        ...['b circuit open', 'b ready', 'b healthy 1'],
        ['a unhealthy', 'switch a>b failover health-check'],
      ],
      active: 'b',
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
  describeFlows(table);
});
