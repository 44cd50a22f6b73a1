import { hasAny, isWord, valueOf, word } from './arguments.ts';
import { type SafetyTable, onlyWhen, unless } from './safety-rule.ts';

/** Of what TS.ADD does with a sample whose time is known already, that which a repetition does not add to. */
const KEEPS_ONE = ['first', 'last', 'min', 'max'];

/** Commands of the modules that Redis Stack and Redis 8 bring along. */
export const MODULE_COMMANDS: SafetyTable = [
  // JSON
  ['json.get json.mget json.type json.strlen json.objkeys json.objlen json.arrlen', 'read-only'],
  ['json.arrindex json.resp json.debug', 'read-only'],
  ['json.set', unless('with NX or XX', hasAny(3, 'nx', 'xx'), 'effect-and-reply')],
  ['json.mset json.merge', 'effect-and-reply'],
  ['json.del json.forget json.clear', 'effect'],
  // Search
  ['ft.search ft.hybrid ft.info ft.explain ft.explaincli ft.profile ft.tagvals ft._list', 'read-only'],
  ['ft.dictdump ft.spellcheck ft.syndump ft.sugget ft.suglen', 'read-only'],
  ['ft.aggregate', unless('with WITHCURSOR', hasAny(2, 'withcursor'), 'read-only')],
  ['ft.aliasupdate ft.dictadd ft.dictdel ft.sugdel ft.synupdate', 'effect'],
  ['ft.sugadd', unless('with INCR', hasAny(3, 'incr'), 'effect')],
  ['ft.cursor', onlyWhen('DEL', isWord(0, 'del'), 'effect')],
  // Bloom and cuckoo filters
  ['bf.exists bf.mexists bf.info bf.card bf.scandump', 'read-only'],
  ['bf.add bf.madd bf.insert', 'effect'],
  ['cf.exists cf.mexists cf.count cf.info cf.scandump', 'read-only'],
  ['cf.addnx cf.insertnx', 'effect'],
  // Sketches
  ['cms.query cms.info', 'read-only'],
  ['topk.query topk.count topk.list topk.info', 'read-only'],
  ['tdigest.min tdigest.max tdigest.quantile tdigest.cdf tdigest.rank tdigest.revrank tdigest.byrank', 'read-only'],
  ['tdigest.byrevrank tdigest.trimmed_mean tdigest.info', 'read-only'],
  ['tdigest.reset', 'effect-and-reply'],
  // Time series
  ['ts.get ts.mget ts.range ts.revrange ts.mrange ts.mrevrange ts.info ts.queryindex', 'read-only'],
  [
    'ts.add',
    onlyWhen(
      'with a time that is written out, and ON_DUPLICATE FIRST, LAST, MIN or MAX',
      (args) => String(args[1]) !== '*' && KEEPS_ONE.includes(word(valueOf(args, 'on_duplicate', 3))),
      'effect',
    ),
  ],
  ['ts.del ts.alter', 'effect'],
];
