import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';
import { marksIn, withCalls } from '../../scripts/simulation/rare-marks.mjs';

const lib = fileURLToPath(new URL('../../lib/', import.meta.url));

describe('Marks of rare branches', () => {
  const sources = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(`${lib}${path}`, 'utf8') }));

  it('are many, and each name is there once', () => {
    const names = sources.flatMap(({ text }) => marksIn(text));

    expect(names.length).to.be.above(40);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).to.deep.equal([]);
  });

  it('are all in the one form', () => {
    const lines = sources.flatMap(({ path, text }) => text.split('\n').map((line) => `${path}: ${line.trim()}`));
    const marks = sources.flatMap(({ text }) => marksIn(text));

    expect(lines.filter((line) => /\brare:/i.test(line)).length).to.equal(marks.length);
  });

  for (const { path, text } of sources.filter((source) => marksIn(source.text).length > 0)) {
    it(`become statements (${path})`, () => {
      const changed = withCalls(text);

      const statements = statementsOf(changed).filter((statement) => statement.startsWith('globalThis.noteRareBranch'));
      expect(statements).to.deep.equal(marksIn(text).map((name) => `globalThis.noteRareBranch?.('${name}');`));
      expect(changed.split('\n').length).to.equal(text.split('\n').length);
    });
  }

  it('are calls by themselves, or before the statement of a branch', () => {
    const call = "globalThis.noteRareBranch?.('a-name');";

    expect(withCalls('  // rare: a-name')).to.equal(call);
    expect(withCalls('  if (a(b) && c) return d(); // rare: a-name')).to.equal(
      `  if (a(b) && c) { ${call} return d(); }`,
    );
    expect(withCalls('  } else if (a) b(); // rare: a-name')).to.equal(`  } else if (a) { ${call} b(); }`);
    expect(withCalls('  else a(); // rare: a-name')).to.equal(`  else  { ${call} a(); }`);
  });

  for (const wrong of [
    'a(); // rare: a-name',
    'if (a) { // rare: a-name',
    '// rare: A name',
    'if (a( b(); // rare: a-b',
  ]) {
    it(`are refused elsewhere, or with another name: ${wrong}`, () => {
      expect(() => withCalls(wrong)).to.throw();
    });
  }
});

/** @throws when it is no TypeScript. */
function statementsOf(source: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(source, { reportDiagnostics: true });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, FORMAT));
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node)) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const FORMAT: ts.FormatDiagnosticsHost = {
  getCurrentDirectory: () => lib,
  getCanonicalFileName: (name) => name,
  getNewLine: () => '\n',
};
