/**
 * Marks of rare branches: the comment `// rare: <name>`, by itself on the line before a branch's first statement, or at
 * the end of an `if` or `else` of one line. To the product they are comments. Where a simulation loads the sources, each
 * becomes a call, so that a run can say which of them it reached.
 */
const MARK = /^(.*?)\/\/ rare: (\S.*)$/;
const NAME = /^[a-z]+(?:-[a-z]+)*$/;

/** A function of this name is global while a simulation runs. */
const NOTE = 'noteRareBranch';

/** The names in a source, in their order. */
export function marksIn(source) {
  return source.split('\n').flatMap((line) => MARK.exec(line)?.[2] ?? []);
}

/** @throws Error for a mark that is not of the right form, or not at the right place. */
export function withCalls(source) {
  return source
    .split('\n')
    .map((line) => {
      const [, code, name] = MARK.exec(line) ?? [];
      return name === undefined ? line : withCall(code.trimEnd(), name);
    })
    .join('\n');
}

function withCall(code, name) {
  if (!NAME.test(name)) throw new Error(`"${name}" is no name for a rare branch`);
  const call = `globalThis.${NOTE}?.('${name}');`;
  if (code.trim() === '') return call;
  const end = endOfCondition(code);
  const statement = code.slice(end).trim();
  if (end === 0 || !statement.endsWith(';')) throw new Error(`the mark "${name}" has no branch of one line before it`);
  return `${code.slice(0, end)} { ${call} ${statement} }`;
}

/** Where the condition of an `if`, or an `else`, ends; `0` when there is none. */
function endOfCondition(code) {
  const otherwise = /^\s*(?:\} )?else (?!if )/.exec(code);
  if (otherwise !== null) return otherwise[0].length;
  const begin = /^\s*(?:\} )?(?:else )?if \(/.exec(code)?.[0].length ?? 0;
  let depth = begin === 0 ? 0 : 1;
  let at = begin;
  for (; depth > 0 && at < code.length; at++) depth += { '(': 1, ')': -1 }[code[at]] ?? 0;
  return depth === 0 ? at : 0;
}
