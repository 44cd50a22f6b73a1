import { expect } from 'chai';
import { C_UP, type FlowTable, SILENT_A, type Steps, UP, describeFlows } from './flow-table.ts';
import { Flow, JITTER_MS } from './flow.ts';

/** In the middle of a failback from b to a. */
const FAILING_BACK: Steps = [
  ...UP,
  ...SILENT_A,
  ['a healthy 3', 'look again at 60500'],
  ['wait 60500', 'prepare a failback'],
];

const AT_B: Steps = [...UP, ['plan b', 'prepare b manual'], ['planned-ready', 'switch a>b manual manual, planned']];

const table: FlowTable = {
  'of failback': [
    {
      name: 'go back after the grace period, its random part, and good checks in a row',
      steps: [
        ...UP,
        ...SILENT_A,
        'a healthy 1',
        'a healthy 2',
        ['a healthy 3', 'look again at 60500'],
        ['wait 60499', 'look again at 60500'],
        ['wait 1', 'prepare a failback'],
        'a healthy 4',
        ['planned-ready', 'switch b>a failback failback, planned'],
        'time',
      ],
      active: 'a',
    },
    {
      name: 'do not go back before there were good checks in a row, however long that takes',
      steps: [
        ...UP,
        ...SILENT_A,
        'a healthy 2',
        'wait 90000',
        'a unhealthy',
        'a healthy 1',
        'a healthy 2',
        ['a healthy 3', 'prepare a failback'],
      ],
      active: 'b',
    },
    {
      name: 'do not go back to an endpoint that is not ready',
      steps: [...UP, ...SILENT_A, 'a lost', 'a healthy 3', 'wait 90000', ['a ready', 'prepare a failback']],
      active: 'b',
    },
    {
      name: 'do not go back from where somebody has switched to, before the time is up that was given',
      steps: [
        ...UP,
        ['plan b manual 90000', 'prepare b manual'],
        ['planned-ready', 'switch a>b manual manual, planned; look again at 90000'],
        ['wait 89999', 'look again at 90000'],
        ['wait 1', 'prepare a failback'],
      ],
      active: 'b',
    },
    {
      name: 'leave a failing endpoint within the time that it was to stay active',
      steps: [
        ...UP,
        ['plan b manual 90000', 'prepare b manual'],
        ['planned-ready', 'switch a>b manual manual, planned; look again at 90000'],
        ['verdict b silence', 'switch b>a failover silence'],
        'wait 90000',
      ],
      active: 'a',
    },
    {
      name: 'do not go back when failback is off',
      rules: { isFailbackEnabled: false },
      steps: [...UP, ...SILENT_A, 'a healthy 9', 'wait 1000000'],
      active: 'b',
    },
    {
      name: 'do not go back to an endpoint that lost its data before it has some again, however long that takes',
      steps: [
        ...UP,
        ...SILENT_A,
        'a empty',
        'a healthy 9',
        'wait 1000000',
        ['a filled', 'prepare a failback'],
        ['planned-ready', 'switch b>a failback failback, planned'],
      ],
      active: 'a',
    },
    {
      name: 'do not go back to an endpoint that its check holds back, however long that takes',
      steps: [
        ...UP,
        ...SILENT_A,
        'a healthy 0',
        'wait 90000',
        'a healthy 0',
        'a healthy 2',
        ['a healthy 3', 'prepare a failback'],
      ],
      active: 'b',
    },
    {
      name: 'call a failback off when the check holds the endpoint back meanwhile',
      steps: [...FAILING_BACK, 'a healthy 0', 'planned-ready', ['a healthy 3', 'prepare a failback']],
      active: 'b',
    },
    {
      name: 'go to an endpoint that is held back when somebody wants it, and when no other is left',
      steps: [
        ...UP,
        ...SILENT_A,
        'a healthy 0',
        ['plan a', 'prepare a manual'],
        'a healthy 0',
        ['planned-ready', 'switch b>a manual manual, planned'],
        ['plan b', 'prepare b manual'],
        ['planned-ready', 'switch a>b manual manual, planned'],
        'a healthy 0',
        ['verdict b silence', 'switch b>a failover silence'],
      ],
      active: 'a',
    },
    {
      name: 'go back to an endpoint that lost its data where that is no matter',
      rules: { allowEmptyEndpoint: true },
      steps: [...UP, ...SILENT_A, 'a empty', 'wait 60500', ['a healthy 3', 'prepare a failback']],
      active: 'b',
    },
    {
      name: 'go to an endpoint that lost its data when somebody wants it, and when no other is left',
      steps: [
        ...UP,
        ...SILENT_A,
        'a empty',
        'a healthy 1',
        ['plan a', 'prepare a manual'],
        ['planned-ready', 'switch b>a manual manual, planned'],
        ['plan b', 'prepare b manual'],
        ['planned-ready', 'switch a>b manual manual, planned'],
        ['verdict b silence', 'switch b>a failover silence'],
      ],
      active: 'a',
    },
    {
      name: 'stay at an endpoint that loses its data while it is the active one',
      steps: [...UP, 'a empty', 'a healthy 9', 'wait 1000000'],
      active: 'a',
    },
    {
      name: 'do not leave for one of the same weight',
      endpoints: 'a 1, b 1',
      steps: [...UP, ...SILENT_A, 'a healthy 9', 'wait 1000000'],
      active: 'b',
    },
    {
      name: 'go to the heaviest that is due',
      endpoints: 'a 4, b 1, c 3, d 2',
      steps: [
        'a ready',
        'a healthy 3',
        'b ready',
        'b healthy 3',
        ...SILENT_A,
        'c ready',
        'd ready',
        ['c healthy 3', 'prepare c failback'],
        ['planned-ready', 'switch b>c failback failback, planned'],
        'd healthy 3',
        ['a healthy 3', 'look again at 60500'],
        ['wait 60500', 'prepare a failback'],
      ],
      active: 'c',
    },
    {
      name: 'look again when the first of several is due',
      endpoints: 'a 3, b 2, c 1',
      steps: [
        ...UP,
        ...C_UP,
        ...SILENT_A,
        'wait 1000',
        ['verdict b silence', 'switch b>c failover silence'],
        ['b healthy 3', 'look again at 61500'],
        ['a healthy 3', 'look again at 60500'],
        ['wait 59500', 'prepare a failback'],
      ],
      active: 'c',
    },
    {
      name: 'ask for good checks anew when the target did not pass the look before the switch',
      steps: [...FAILING_BACK, 'planned-failed', 'a healthy 1', 'a healthy 2', ['a healthy 3', 'prepare a failback']],
      active: 'b',
    },
    {
      name: 'do without a failback that a failure overtook',
      steps: [...FAILING_BACK, ['verdict b silence', 'switch b>a failover silence'], 'planned-ready'],
      active: 'a',
    },
    {
      name: 'do not change their mind about the weight of an endpoint that they are going to',
      steps: [...FAILING_BACK, 'weight a 1', ['planned-ready', 'switch b>a failback failback, planned']],
      active: 'a',
    },
  ],

  'of a switch by hand': [
    {
      name: 'prepare it, and switch when everything is ready',
      steps: AT_B,
      active: 'b',
    },
    {
      name: 'stay there, whatever is preferred',
      steps: [...AT_B, 'a healthy 9', 'wait 1000000', 'weight a 100'],
      active: 'b',
    },
    {
      name: 'fail back again once it is released',
      steps: [
        ...AT_B,
        'a healthy 3',
        'wait 1000',
        ['release', 'look again at 60500'],
        ['wait 59500', 'prepare a failback'],
      ],
      active: 'b',
    },
    {
      name: 'leave it when it fails, and fail back to it no more than to others',
      endpoints: 'a 1, b 1',
      steps: [...AT_B, ['verdict b silence', 'switch b>a failover silence'], 'b healthy 9', 'wait 1000000'],
      active: 'a',
    },
    {
      name: 'do not fail back while it is prepared',
      steps: [...UP, ...SILENT_A, ['plan b', 'prepare b manual'], 'a healthy 3', 'wait 90000'],
      active: 'b',
    },
    {
      name: 'let a newer one supersede it',
      endpoints: 'a 3, b 2, c 1',
      steps: [
        ...UP,
        ...C_UP,
        ['plan b', 'prepare b manual'],
        ['plan c', 'prepare c manual'],
        ['planned-ready', 'switch a>c manual manual, planned'],
        'planned-ready',
      ],
      active: 'c',
    },
    {
      name: 'let a failure supersede it',
      endpoints: 'a 3, b 2, c 1',
      steps: [...UP, ...C_UP, ['plan c', 'prepare c manual'], ...SILENT_A, 'planned-ready'],
      active: 'b',
    },
    {
      name: 'let it supersede a failback',
      endpoints: 'a 3, b 1, c 2',
      steps: [
        ...FAILING_BACK,
        ...C_UP,
        ['plan c', 'prepare c manual'],
        ['planned-ready', 'switch b>c manual manual, planned'],
      ],
      active: 'c',
    },
    {
      name: 'stay with the active endpoint when that is what is wanted, and call a failback off',
      steps: [...FAILING_BACK, 'pin', 'planned-ready', 'time', 'a healthy 9'],
      active: 'b',
    },
    {
      name: 'do not pin the endpoint that takes over from one that is removed',
      steps: [
        ...UP,
        ['plan b endpoint-removed', 'prepare b manual'],
        ['planned-ready', 'switch a>b manual endpoint-removed, planned; look again at 60500'],
        'remove a',
        'add c 5',
        'c ready',
        ['c healthy 3', 'prepare c failback'],
      ],
      active: 'b',
    },
    {
      name: 'do nothing when nothing is prepared',
      steps: [...UP, 'planned-ready', 'planned-failed', 'release'],
      active: 'a',
    },
  ],
};

describe('The rules', () => {
  describeFlows(table);

  it('draw the random part of the delay anew for each switch', () => {
    const flow = new Flow('a 2, b 1');
    expect(flow.state.jitterMs).to.equal(0);
    for (const step of ['a ready', 'a healthy', 'b ready', 'b healthy', 'verdict a silence']) flow.tell(step);

    expect(flow.state.jitterMs).to.equal(JITTER_MS);
  });

  it('remember when an endpoint was left', () => {
    const flow = new Flow('a 2, b 1');
    for (const step of ['a ready', 'a healthy', 'b ready', 'b healthy', 'wait 700', 'verdict a silence'])
      flow.tell(step);

    expect(flow.state.endpoints.map(({ leftAt }) => leftAt)).to.deep.equal([700, undefined]);
  });
});
