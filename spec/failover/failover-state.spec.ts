import { C_UP, type FlowTable, SILENT_A, UP, describeFlows } from './flow-table.ts';

const table: FlowTable = {
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
};

describe('The rules of failover', () => {
  describeFlows(table);
});
