import { begins, countedKeys, hasAny, isNoneOf, isWord, valueOf, word } from './arguments.ts';
import { type Arguments, type SafetyTable, onlyWhen, unless, when } from './safety-rule.ts';

const CONDITIONS_OF_TIME = ['nx', 'xx', 'gt', 'lt'];
const OPTIONS_OF_ZADD = ['nx', 'xx', 'gt', 'lt', 'ch', 'incr'];

const takesNoSource = (args: Arguments): boolean => isNoneOf(args[0], countedKeys(args, 1));

/** `LTRIM k 0 n` of what `LTRIM k 0 n` left changes nothing; any other start removes again. */
const keepsTheHead = (args: Arguments): boolean => String(args[1]) === '0' && Number(args[2]) >= 0;

const EXPLICIT_ID = /^\d+-\d+$/;

/** The entry's id stands in front of the first field, behind options that may have values of their own. */
function hasExplicitId(args: Arguments): boolean {
  const id = args
    .slice(1)
    .map(String)
    .find((arg) => arg === '*' || /^\d+-(?:\d+|\*)$/.test(arg));
  return id !== undefined && EXPLICIT_ID.test(id);
}

function isHistory(args: Arguments): boolean {
  const streams = args.findIndex((arg) => word(arg) === 'streams');
  return streams >= 0 && !args.slice(streams + 1).some((arg) => String(arg) === '>');
}

/** `GET`, `SET` and `INCRBY` of BITFIELD. */
const sets = hasAny(1, 'set');
const increments = hasAny(1, 'incrby');

/** Where SORT stores what it sorted; the words behind BY and GET are patterns. */
function sortDestination(args: Arguments): unknown {
  for (let i = 1; i < args.length; i++) {
    const option = word(args[i]);
    if (option === 'store') return args[i + 1];
    if (option === 'by' || option === 'get') i++;
    else if (option === 'limit') i += 2;
  }
  return undefined;
}

const STORED = 'the destination is none of the sources';

/**
 * Writes on Redis's own types that may be repeated, at least with some arguments. Every write that is not here is one that
 * must not be.
 */
export const DATA_COMMANDS: SafetyTable = [
  // Strings
  [
    'set',
    unless(
      'with NX, XX, GET or IF…',
      hasAny(2, 'nx', 'xx', 'get', 'ifeq', 'ifne', 'ifdeq', 'ifdne'),
      'effect-and-reply',
    ),
  ],
  ['mset setex psetex', 'effect-and-reply'],
  ['msetex', unless('with NX or XX', hasAny(1, 'nx', 'xx'), 'effect-and-reply')],
  ['setrange setbit', 'effect'],
  ['getex', { cases: [when('without options', (args) => args.length < 2, 'read-only')], otherwise: 'effect' }],
  ['bitop', onlyWhen(STORED, (args) => isNoneOf(args[1], args.slice(2)), 'effect')],
  [
    'bitfield',
    {
      cases: [when('with INCRBY', increments, 'other-write'), when('with SET', sets, 'effect')],
      otherwise: 'read-only',
    },
  ],
  // Keys
  ['del unlink persist', 'effect'],
  ['delex', unless('with a condition', (args) => args.length > 1, 'effect')],
  ['expire pexpire expireat pexpireat', unless('with NX, XX, GT or LT', hasAny(2, ...CONDITIONS_OF_TIME), 'effect')],
  ['copy', onlyWhen('with REPLACE', hasAny(2, 'replace'), 'effect')],
  ['restore', onlyWhen('with REPLACE', hasAny(3, 'replace'), 'effect')],
  [
    'sort',
    {
      cases: [
        when('without STORE', (args) => sortDestination(args) === undefined, 'read-only'),
        when(`with STORE, and ${STORED}`, (args) => isNoneOf(sortDestination(args), args.slice(0, 1)), 'effect'),
      ],
      otherwise: 'other-write',
    },
  ],
  // Hashes
  ['hmset', 'effect-and-reply'],
  ['hset hdel hpersist', 'effect'],
  ['hsetex', unless('with FNX or FXX', begins(1, ['fnx', 'fxx'], 'fnx', 'fxx'), 'effect')],
  ['hgetex', { cases: [when('without options', isWord(1, 'fields'), 'read-only')], otherwise: 'effect' }],
  [
    'hexpire hpexpire hexpireat hpexpireat',
    unless('with NX, XX, GT or LT', isWord(2, ...CONDITIONS_OF_TIME), 'effect'),
  ],
  // Lists
  ['ltrim', onlyWhen('from 0 to an index from the front', keepsTheHead, 'effect')],
  ['lrem', onlyWhen('with count 0', (args) => String(args[1]) === '0', 'effect')],
  // Sets
  ['sadd srem smove', 'effect'],
  ['sinterstore sunionstore sdiffstore', 'effect'],
  // Sorted sets
  ['zadd', unless('with NX, XX, GT, LT or INCR', begins(1, OPTIONS_OF_ZADD, ...CONDITIONS_OF_TIME, 'incr'), 'effect')],
  ['zrem zremrangebylex zremrangebyscore', 'effect'],
  ['zinterstore zunionstore zdiffstore', onlyWhen(STORED, takesNoSource, 'effect')],
  ['zrangestore', onlyWhen(STORED, (args) => isNoneOf(args[0], args.slice(1, 2)), 'effect')],
  // Geospatial
  ['geoadd', unless('with NX or XX', begins(1, ['nx', 'xx', 'ch'], 'nx', 'xx'), 'effect')],
  ['geosearchstore', onlyWhen(STORED, (args) => isNoneOf(args[0], args.slice(1, 2)), 'effect')],
  [
    'georadius georadiusbymember',
    {
      cases: [
        when('without STORE and STOREDIST', (args) => !hasAny(4, 'store', 'storedist')(args), 'read-only'),
        when(
          `with STORE or STOREDIST, and ${STORED}`,
          (args) => isNoneOf(args[0], [valueOf(args, 'store', 4), valueOf(args, 'storedist', 4)]),
          'effect',
        ),
      ],
      otherwise: 'other-write',
    },
  ],
  // HyperLogLog
  ['pfadd pfmerge', 'effect'],
  // Streams
  [
    'xadd',
    onlyWhen(
      'with an id that is written out, or with IDMP',
      (args) => hasExplicitId(args) || hasAny(1, 'idmp', 'idmpauto')(args),
      'effect',
    ),
  ],
  ['xdel xdelex xtrim xack xackdel xsetid', 'effect'],
  ['xreadgroup', onlyWhen('with ids other than >', isHistory, 'effect-and-reply')],
  [
    'xgroup',
    onlyWhen(
      'SETID, DESTROY, CREATECONSUMER and DELCONSUMER',
      isWord(0, 'setid', 'destroy', 'createconsumer', 'delconsumer'),
      'effect',
    ),
  ],
  // Vector sets
  ['vadd vrem vsetattr', 'effect'],
];
