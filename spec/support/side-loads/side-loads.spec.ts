import { expect } from 'chai';
import { log } from '../checker/judge-table.ts';
import { judgeNews } from './news.ts';
import { judgeQueue, type QueueResult } from './queue.ts';

describe('What is said of a queue', () => {
  const judge = (result: Partial<QueueResult>, ...servers: string[][]): string[] =>
    judgeQueue(
      { taken: [], produced: [], doubts: 0, ...result },
      servers.map((lines, i) => ({ name: 'ab'[i] ?? '', executed: log(...lines) })),
    );

  it('is nothing when each element went to one consumer, on whichever server', () => {
    const onA = ['RPUSH queue element-0', 'RPUSH other x', 'RPUSH queue element-1', 'LPOP queue', 'LPOP other'];
    const onB = ['RPUSH queue element-2', 'LPOP queue'];
    const taken = ['element-0', 'element-2'];
    expect(judge({ taken, produced: ['element-0', 'element-1', 'element-2'] }, onA, onB)).to.deep.equal([]);
  });

  it('is that an element was lost, unless a call says that it may have taken it', () => {
    const lines = ['RPUSH queue element-0', 'LPOP queue'];
    expect(judge({}, lines)).to.match(/1 elements were lost, and 0 calls/);
    expect(judge({ doubts: 1 }, lines)).to.deep.equal([]);
  });

  it('is that an element was given twice, or was never there', () => {
    const lines = ['RPUSH queue element-0', 'LPOP queue'];
    expect(judge({ taken: ['element-0', 'element-0'] }, lines)).to.match(/given twice/);
    expect(judge({ taken: ['element-0', 'element-9'] }, lines)).to.match(/from no server, as element-9/);
  });

  it('is that an acknowledged element is missing', () => {
    expect(judge({ produced: ['element-0'] }, ['RPUSH queue element-1'])).to.match(/missing, as element-0/);
  });
});

describe('What is said of messages', () => {
  const judge = (heard: Record<string, number[]>, doubtful: number[] = []): string[] => judgeNews({ heard, doubtful });

  it('is nothing about gaps, but whatever was heard twice or late, by channel', () => {
    expect(judge({ a: [1, 2, 5], b: [0, 3, 4] })).to.deep.equal([]);
    expect(judge({ a: [1, 2, 2] })).to.deep.equal(['a: message 2 was heard twice']);
    expect(judge({ a: [1, 3, 2], b: [1] })).to.deep.equal(['a: message 2 was heard behind 3']);
  });

  it('is nothing of a message that is late, unless its call succeeded; it is never heard twice', () => {
    expect(judge({ a: [1, 3, 2, 4] }, [2])).to.deep.equal([]);
    expect(judge({ a: [1, 3, 2, 4, 2] }, [2])).to.deep.equal(['a: message 2 was heard twice']);
    expect(judge({ a: [1, 5, 2, 4] }, [2])).to.deep.equal(['a: message 4 was heard behind 5']);
  });
});
