import { expect } from 'chai';
import { findDatabase } from '../../../lib/health/lag-aware/database-id.ts';

const list = [
  { uid: 1, endpoints: [{ dns_name: 'redis-1.example.com', addr: ['10.0.0.1'], port: 12001 }] },
  {
    uid: 2,
    endpoints: [
      { dns_name: 'redis-2.example.com', addr: ['10.0.0.1', '10.0.0.2'], port: 12002 },
      { dns_name: 'redis-2.internal.example.com', addr: ['fd00::2'], port: 12002 },
    ],
  },
  { uid: 3, endpoints: [{ dns_name: '10.0.0.2', addr: ['10.0.0.3'], port: 12003 }] },
];

const cases: readonly (readonly [host: string, port: number | undefined, uid: number | undefined, why: string])[] = [
  ['redis-1.example.com', 6379, 1, 'its name'],
  ['REDIS-2.Example.com', 6379, 2, 'its name, in other letters'],
  ['redis-2.internal.example.com.', 6379, 2, 'another name of it, with a dot'],
  ['10.0.0.3', 6379, 3, 'its address'],
  ['[fd00::2]', 6379, 2, 'an address in brackets'],
  ['10.0.0.1', 12001, 1, 'its port at an address of two'],
  ['10.0.0.1', 12002, 2, 'its port at an address of two'],
  ['10.0.0.1', 6379, undefined, 'an address of two, at neither port'],
  ['10.0.0.1', undefined, undefined, 'an address of two'],
  ['10.0.0.2', 12002, 3, 'a name rather than an address'],
  ['example.com', 12001, undefined, 'a part of a name'],
];

describe('The id of a database', () => {
  for (const [host, port, uid, why] of cases) {
    it(`is ${uid ?? 'not known'} by ${why}: ${host}:${port}`, () => {
      expect(findDatabase(list, host, port)).to.equal(uid);
    });
  }

  it('is not found in what is no list of databases', () => {
    for (const answer of [undefined, null, {}, 'text', [null], [{}], [{ uid: 1, endpoints: [null] }], [{ uid: '1' }]]) {
      expect(findDatabase(answer, 'redis-1.example.com', 12001)).to.equal(undefined);
    }
  });
});
