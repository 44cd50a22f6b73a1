import { burst, failed, get, group, INCR, itJudges, log, sadd, SADD, set, SET } from './judge-table.ts';

describe('judge', () => {
  describe('order', () => {
    itJudges([
      ['a burst in order', [burst(1), burst(2), burst(3)], { a: log(SET(1), SET(2), SET(3)) }, {}],
      [
        'a burst whose end moved',
        [burst(1), burst(2), burst(3)],
        { a: log(SET(1), SET(2)), b: log(SET(2), SET(3)) },
        { repeated: 1 },
      ],
      ['an older SET last', [burst(1), burst(2)], { a: log(SET(2), SET(1)) }, { orderBroken: 1, inversions: 1 }],
      [
        'an older SET last on the second server',
        [burst(1), burst(2)],
        { a: log(SET(1), SET(2)), b: log(SET(2), SET(1)) },
        { orderBroken: 1, inversions: 1, repeated: 2 },
      ],
      [
        'an older SET behind an attempt that was given up, acknowledged by another server',
        [burst(1, { endpoint: 'a' }), burst(2, { endpoint: 'b' })],
        { a: log(SET(2), SET(1)), b: log(SET(2)) },
        { repeated: 1 },
      ],
      [
        'an older SET behind the attempt that was acknowledged',
        [burst(1, { endpoint: 'a' }), burst(2, { endpoint: 'a' })],
        { a: log(SET(2), SET(1)), b: log(SET(2)) },
        { orderBroken: 1, inversions: 1, repeated: 1 },
      ],
      [
        'an older SET repeated last',
        [burst(1), burst(2)],
        { a: log(SET(1), SET(2), SET(1)) },
        { orderBroken: 1, repeated: 1 },
      ],
      [
        'an older SET repeated, but the last one too',
        [burst(1), burst(2)],
        { a: log(SET(1), SET(2), SET(1), SET(2)) },
        { repeated: 2 },
      ],
      [
        'older SETs that changed places',
        [burst(1), burst(2), burst(3)],
        { a: log(SET(2), SET(1), SET(3)) },
        { inversions: 1 },
      ],
      [
        'older SETs that were refused at first, with all that was behind them again',
        [burst(1), burst(2), burst(3)],
        { a: log(SET(2), SET(3), SET(1), SET(2), SET(3)) },
        { repeated: 2 },
      ],
      [
        'an older SET behind two newer ones of which one ran again',
        [burst(1), burst(2), burst(3)],
        { a: log(SET(2), SET(3), SET(1), SET(2)) },
        { orderBroken: 1, inversions: 1, repeated: 1 },
      ],
      ['a last SET that failed', [burst(1), burst(2, failed('maybe-executed'))], { a: log(SET(2), SET(1)) }, {}],
      [
        'a SET that failed, overtaken',
        [burst(1, failed('maybe-executed')), burst(2), burst(3)],
        { a: log(SET(2), SET(1), SET(3)) },
        { inversions: 1 },
      ],
      ['a last SET executed nowhere', [burst(1), burst(2)], { a: log(SET(1)) }, { orderBroken: 1, missing: 1 }],
      [
        'two bursts beside each other',
        [burst(1), burst(2, { key: 'other' }), burst(3), burst(4, { key: 'other' })],
        { a: log(SET(2), SET(4), SET(1), SET(3)) },
        {},
      ],
      ['SETs of one key that are no burst', [set(1), set(2)], { a: log(SET(2), SET(1)) }, {}],
    ]);
  });

  describe('transactions', () => {
    itJudges([
      ['all in one unit', group(1, 2), { a: log(`0|${INCR(1)}`, `0|${INCR(2)}`) }, {}],
      ['a single member, which is logged bare', group(1), { a: log(INCR(1)) }, {}],
      [
        'executed nowhere after an error',
        group(1, 2).map((op) => ({ ...op, ...failed('not-executed') })),
        { a: [] },
        {},
      ],
      ['one of two members', group(1, 2), { a: log(INCR(1)) }, { partialTransactions: 1, missing: 1 }],
      ['all, but not as one unit', group(1, 2), { a: log(INCR(1), INCR(2)) }, { partialTransactions: 1 }],
      [
        'all, but in two transactions',
        group(1, 2),
        { a: log(`0|${INCR(1)}`, `1|${INCR(2)}`) },
        { partialTransactions: 1 },
      ],
      [
        'all on two servers',
        group(1, 2),
        { a: log(`0|${INCR(1)}`, `0|${INCR(2)}`), b: log(`0|${INCR(1)}`, `0|${INCR(2)}`) },
        { partialTransactions: 1, doubled: 2 },
      ],
      [
        'all twice on one server',
        group(1, 2),
        { a: log(`0|${INCR(1)}`, `0|${INCR(2)}`, `1|${INCR(1)}`, `1|${INCR(2)}`) },
        { doubled: 2 },
      ],
      ['split over two servers', group(1, 2), { a: log(INCR(1)), b: log(INCR(2)) }, { partialTransactions: 1 }],
      [
        'reads and a SADD of an existing member, which are not logged',
        [...group(1), { ...sadd(2, 0), group: 'g1' }, { ...get(3, 9, '1'), group: 'g1' }],
        { a: log(INCR(1), SADD(2)) },
        {},
      ],
    ]);
  });
});
