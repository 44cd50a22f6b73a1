import { expect } from 'chai';
import { judgeWatched } from '../../scripts/torture/watched.ts';
import { log } from '../support/checker/judge-table.ts';

describe('What is said of a watched counter', () => {
  const judge = (...servers: string[][]): string[] =>
    judgeWatched(servers.map((lines, i) => ({ name: 'ab'[i] ?? '', executed: log(...lines) })));

  it('is nothing while each value follows the one before it, on each server by itself', () => {
    expect(judge(['SET watched 1:x', 'SET other 5', 'SET watched 2:y'], ['SET watched 1:z'])).to.deep.equal([]);
  });

  it('is that an update was lost, or came from elsewhere', () => {
    expect(judge(['SET watched 1:x', 'SET watched 1:y'])).to.deep.equal(['on a the counter became 1 behind 1']);
    expect(judge([], ['SET watched 7:x'])).to.deep.equal(['on b the counter became 7 behind 0']);
  });
});
