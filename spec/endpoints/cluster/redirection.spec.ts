import { expect } from 'chai';
import { readRedirection } from '../../../lib/endpoints/cluster/redirection.ts';

const from = { host: '10.0.0.1' };

describe('A redirection', () => {
  it('says who executes the command', () => {
    expect(readRedirection('MOVED 42 10.0.0.2:6380', from)).to.deep.equal({
      ...{ kind: 'moved', slot: 42 },
      ...{ host: '10.0.0.2', port: 6380 },
    });
    expect(readRedirection('ASK 42 ::1:6380', from)).to.include({ kind: 'ask', host: '::1', port: 6380 });
    expect(readRedirection('TRYAGAIN Multiple keys request during rehashing of slot', from)).to.deep.equal({
      kind: 'tryagain',
    });
  });

  it('without a host is to another port of the same one', () => {
    expect(readRedirection('MOVED 42 :6380', from)).to.include({ host: '10.0.0.1', port: 6380 });
  });

  for (const message of [
    'ERR MOVED 42 a:1',
    'MOVED 42',
    'MOVED 16384 a:1',
    'MOVED -1 a:1',
    'MOVED __proto__ a:1',
    'MOVED 1 a',
    'CLUSTERDOWN The cluster is down',
    'WRONGTYPE Operation against a key',
  ]) {
    it(`is not "${message}"`, () => {
      expect(readRedirection(message, from)).to.equal(undefined);
    });
  }
});
