import {
  del,
  failed,
  get,
  hset,
  id,
  incr,
  INCR,
  itJudges,
  log,
  operation,
  sadd,
  SADD,
  script,
  set,
  SET,
} from './judge-table.ts';

describe('judge', () => {
  describe('executions', () => {
    itJudges([
      ['one INCR, executed once', [incr(1)], { a: log(INCR(1)) }, {}],
      ['an INCR executed twice on one server', [incr(1)], { a: log(INCR(1), INCR(1)) }, { doubled: 1 }],
      ['an INCR executed on two servers', [incr(1)], { a: log(INCR(1)), b: log(INCR(1)) }, { doubled: 1 }],
      [
        'an INCR that failed and was executed twice',
        [incr(1, failed('maybe-executed'))],
        { a: log(INCR(1), INCR(1)) },
        { doubled: 1 },
      ],
      [
        'an INCR twice with the cap any',
        [incr(1, { reply: 2 })],
        { a: log(INCR(1), INCR(1)) },
        { repeated: 1 },
        { caps: { sameEndpoint: 'any' } },
      ],
      [
        'an INCR on two servers with the cap any for the same one only',
        [incr(1)],
        { a: log(INCR(1)), b: log(INCR(1)) },
        { doubled: 1 },
        { caps: { sameEndpoint: 'any' } },
      ],
      ['an HSET twice on one server', [hset(1)], { a: log(`HSET h ${id(1)} 1`, `HSET h ${id(1)} 1`) }, { repeated: 1 }],
      ['a SADD on two servers', [sadd(1)], { a: log(SADD(1)), b: log(SADD(1)) }, { doubled: 1 }],
      [
        'a SADD on two servers with the cap effect',
        [sadd(1)],
        { a: log(SADD(1)), b: log(SADD(1)) },
        { repeated: 1 },
        { caps: { otherEndpoint: 'effect' } },
      ],
      ['a SET on two servers', [set(1)], { a: log(SET(1)), b: log(SET(1)) }, { repeated: 1 }],
      [
        'a SET on two servers with the cap read-only',
        [set(1)],
        { a: log(SET(1)), b: log(SET(1)) },
        { doubled: 1 },
        { caps: { otherEndpoint: 'read-only' } },
      ],
      ['a script run as one transaction', [script(1)], { a: log(`0|INCR s:${id(1)}`, `0|SET s:${id(1)} 1`) }, {}],
      ['a script run twice', [script(1)], { a: log(`INCR s:${id(1)}`, `INCR s:${id(1)}`) }, { doubled: 1 }],
      ['a script run in two units', [script(1)], { a: log(`0|INCR s:${id(1)}`, `1|INCR s:${id(1)}`) }, { doubled: 1 }],
      ['other operations in the key', [set(1), del(2, 1)], { a: log(SET(1, `del:${id(2)}`), `DEL del:${id(2)}`) }, {}],
      ['commands of nobody', [], { a: log('INCR x', SET(9)) }, {}],
      ['an acknowledged SET executed nowhere', [set(1)], { a: log(SET(2)) }, { missing: 1 }],
      ['a failed SET executed nowhere', [set(1, failed('maybe-executed'))], { a: [] }, {}],
      ['a read executed nowhere', [operation(1, { command: 'GET', safety: 'read-only' })], { a: [] }, {}],
    ]);
  });

  describe('errors', () => {
    itJudges([
      ['not-executed, and it was not', [incr(1, failed('not-executed'))], { a: [] }, {}],
      [
        'not-executed, yet executed',
        [incr(1, failed('not-executed'))],
        { a: [], b: log(INCR(1)) },
        { untrueNotExecuted: 1 },
      ],
      ['maybe-executed, and executed', [incr(1, failed('maybe-executed'))], { a: log(INCR(1)) }, {}],
      [
        'maybe-executed, but never written',
        [incr(1, failed('maybe-executed'))],
        { a: [] },
        { untrueMaybeExecuted: 1 },
        { wasWritten: () => false },
      ],
      [
        'maybe-executed, and written',
        [incr(1, failed('maybe-executed'))],
        { a: [] },
        {},
        { wasWritten: (written) => written === id(1) },
      ],
      [
        'maybe-executed, and nobody knows whether it was written',
        [incr(1, failed('maybe-executed'))],
        { a: [] },
        {},
        { wasWritten: () => undefined },
      ],
      ['no outcome', [incr(1, failed())], { a: [] }, { errorsWithoutOutcome: 1 }],
      ['no code', [incr(1, failed('not-executed', { code: undefined }))], { a: [] }, { errorsWithoutOutcome: 1 }],
      [
        'no endpointId',
        [incr(1, failed('not-executed', { endpointId: undefined, name: 'Error' }))],
        { a: [] },
        { errorsWithoutOutcome: 1 },
      ],
      [
        "a server's reply",
        [incr(1, { status: 'error', error: { name: 'ReplyError', message: 'ERR' } })],
        { a: [] },
        {},
      ],
      [
        "ioredis's own error",
        [incr(1, { status: 'error', error: { name: 'Error', message: 'closed' } })],
        { a: [] },
        {},
      ],
      [
        "ioredis's own error where the product's are required",
        [
          incr(1, { status: 'error', error: { name: 'Error', message: 'closed' } }),
          incr(2, { status: 'error', error: { name: 'ReplyError', message: 'ERR' } }),
        ],
        { a: [] },
        { errorsWithoutOutcome: 1 },
        { requireOutcome: true },
      ],
      ['a promise that never settled', [get(1, 9, null), set(2, { status: 'pending' })], { a: [] }, { pending: 1 }],
      ['an unhandled rejection', [], { a: [] }, { unhandled: 1 }, { unhandled: ['Error: nobody'] }],
    ]);
  });
});
