import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { commandSafety } from '../../lib/commands/command-safety.ts';
import { REJECTED, replyFailureKind } from '../../lib/commands/failure-kind.ts';
import { type FailureKind, type RetryTarget, type Safety, mayRetry } from '../../lib/commands/retry-decision.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { commandsPage } from '../../scripts/docs/commands-table.ts';

const COLUMNS: readonly Safety[] = ['read-only', 'effect-and-reply', 'effect', 'other-write'];

function textOf(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

describe('The documentation of how commands are treated', () => {
  it('is that of the tables (npm run docs writes it anew)', () => {
    expect(textOf('docs/commands.md')).to.equal(commandsPage());
  });

  describe("in the README's table of what is retried", () => {
    const lines = textOf('README.md').split('\n');
    const start = lines.findIndex((line) => line.startsWith('| What happened '));
    const rows = lines.slice(start + 2, lines.indexOf('', start)).map((line) => {
      const [, what = '', why = '', ...cells] = line.split('|').map((cell) => cell.trim());
      return { what, why, cells: cells.slice(0, COLUMNS.length) };
    });
    const rowOf = (what: string): (typeof rows)[number] => rows.find((row) => row.what === what)!;

    it('has examples that are of their class', () => {
      const examples = rows
        .find(({ why }) => why === 'for example')!
        .cells.map((cell) => [...cell.matchAll(/`([^`]+)`/g)]);

      expect(examples.map((column) => column.length > 0)).to.deep.equal([true, true, true, true]);
      for (const [i, column] of examples.entries()) {
        for (const [, example = ''] of column) {
          const [name = '', option] = example.replace('…EXEC', '').split(' ');
          const args = option === undefined ? ['k', 'v', 'x'] : ['k', 'v', option];
          expect([example, commandSafety({ name, args })]).to.deep.equal([example, COLUMNS[i]]);
        }
      }
    });

    const failures: readonly (readonly [what: string, FailureKind, RetryTarget])[] = [
      ['not sent', 'not-sent', 'other-endpoint'],
      ['rejected', 'rejected', 'other-endpoint'],
      ['overloaded', 'overloaded', 'same-endpoint'],
      ['ambiguous, same endpoint', 'ambiguous', 'same-endpoint'],
      ['ambiguous, other endpoint', 'ambiguous', 'other-endpoint'],
      ['answered', 'answered', 'same-endpoint'],
    ];
    for (const [what, kind, target] of failures) {
      it(`says what the defaults do with a command that is ${what}`, () => {
        const may = COLUMNS.map((safety) => mayRetry(kind, safety, target, DEFAULTS.retry));

        expect(rowOf(what).cells.map((cell) => cell === 'retry' || cell === 'at most twice')).to.deep.equal(may);
      });
    }

    it('has every word by which a server refuses', () => {
      const words = [...rowOf('rejected').why.matchAll(/`([A-Z]+)`/g)].map(([, word = '']) => word);

      expect(words).to.have.members([...REJECTED]);
      expect(words.map((word) => replyFailureKind('set', word))).to.deep.equal(words.map(() => 'rejected'));
    });
  });
});
