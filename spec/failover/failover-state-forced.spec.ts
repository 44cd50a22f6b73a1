import { type FlowTable, UP, describeFlows } from './flow-table.ts';

const FORCED_B = ['planned-ready', 'trust b, unhealthy; switch a>b manual manual, planned'] as const;

const table: FlowTable = {
  'of a forced switch': [
    {
      name: 'stay with an endpoint that was known as unhealthy',
      steps: [...UP, 'b unhealthy', ['force b', 'prepare b manual'], FORCED_B, 'time', 'a healthy 9'],
      active: 'b',
    },
    {
      name: 'stay with an endpoint whose circuit was open, and keep its good health',
      steps: [
        ...[...UP, 'b circuit open', ['force b', 'prepare b manual'] as const],
        ['planned-ready', 'trust b, healthy; switch a>b manual manual, planned'],
        ...['time', 'b circuit closed', 'a healthy 9'],
      ],
      active: 'b',
    },
    {
      name: 'stay with an endpoint that is not ready',
      steps: [...UP, 'b unhealthy', 'b lost', ['force b', 'prepare b manual'], FORCED_B, 'time', 'a healthy 9'],
      active: 'b',
    },
    {
      name: 'do not call it off for what the target is known for already',
      steps: [...UP, 'b unhealthy', ['force b', 'prepare b manual'], 'b unhealthy', 'verdict b silence', FORCED_B],
      active: 'b',
    },
    {
      name: 'call it off when the target is removed',
      steps: [...UP, 'b unhealthy', ['force b', 'prepare b manual'], 'remove b', 'planned-ready'],
      active: 'a',
    },
    {
      name: 'leave the endpoint by a new verdict, with its reason',
      steps: [
        ...[...UP, 'b unhealthy', ['force b', 'prepare b manual'] as const, FORCED_B],
        ['verdict b connection-lost', 'switch b>a failover connection-lost'],
      ],
      active: 'a',
    },
    {
      name: 'leave the endpoint when its circuit opens anew',
      steps: [
        ...[...UP, 'b circuit open', ['force b', 'prepare b manual'] as const],
        ['planned-ready', 'trust b, healthy; switch a>b manual manual, planned'],
        ['b circuit open', 'switch b>a failover circuit-breaker'],
      ],
      active: 'a',
    },
    {
      name: 'go on with the active endpoint when the switch is forced to that, although it was down',
      steps: [
        ...[...UP, 'b unhealthy', ['verdict a silence', 'all-unhealthy'] as const],
        ['pin forced', 'trust a, unhealthy; resumed'],
        ['verdict a silence', 'all-unhealthy'],
      ],
      active: 'a',
    },
  ],

  'of a switch that is not forced': [
    {
      name: 'call it off when its target is found to fail',
      steps: [...UP, ['plan b', 'prepare b manual'], 'b unhealthy', 'planned-ready'],
      active: 'a',
    },
    {
      name: 'call it off when nobody wants to stay there any more',
      steps: [...UP, ['plan b', 'prepare b manual'], 'release', 'planned-ready'],
      active: 'a',
    },
    {
      name: 'call it off when the connection to its target is lost',
      steps: [...UP, ['plan b', 'prepare b manual'], 'b lost', 'planned-ready'],
      active: 'a',
    },
    {
      name: 'do not go on with an active endpoint that is down',
      steps: [...UP, 'b unhealthy', ['verdict a silence', 'all-unhealthy'], 'pin', 'time'],
      active: 'a',
    },
  ],
};

describe('The rules', () => {
  describeFlows(table);
});
