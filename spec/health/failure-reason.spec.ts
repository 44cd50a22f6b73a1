import { expect } from 'chai';
import type { HealthCheckReason } from '../../lib/events.ts';
import { failureReason } from '../../lib/health/failure-reason.ts';
import { replyError } from './fake-clients.ts';

const replies: Readonly<Record<string, HealthCheckReason>> = {
  'WRONGPASS invalid username-password pair or user is disabled.': 'auth',
  'NOAUTH Authentication required.': 'auth',
  "NOPERM User app has no permissions to run the 'ping' command": 'auth',
  'ERR invalid password': 'auth',
  'ERR Client sent AUTH, but no password is set': 'auth',
  'ERR AUTH <password> called without any password configured for the default user.': 'auth',
  'LOADING Redis is loading the dataset in memory': 'loading',
  "READONLY You can't write against a read only replica.": 'role',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.": 'role',
  'MISCONF Redis is configured to save RDB snapshots': 'rejected',
  'CLUSTERDOWN The cluster is down': 'rejected',
  'ERR max number of clients reached': 'rejected',
  "OOM command not allowed when used memory > 'maxmemory'.": 'rejected',
  'ERR something else': 'rejected',
};

const codes: Readonly<Record<string, HealthCheckReason>> = {
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'connection',
  EPIPE: 'connection',
  EHOSTUNREACH: 'connection',
  ENETUNREACH: 'connection',
  UND_ERR_SOCKET: 'connection',
  CERT_HAS_EXPIRED: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls',
  EPROTO: 'tls',
};

function coded(code: string): Error {
  return Object.assign(new Error(`failed: ${code}`), { code });
}

function refusedLogin(message: string): Error {
  return Object.assign(replyError(message), { command: { name: 'hello', args: ['secret'] } });
}

const others: readonly (readonly [name: string, error: unknown, reason: HealthCheckReason])[] = [
  ['a login while data is read', refusedLogin('LOADING Redis is loading'), 'loading'],
  ['a login that a server without place refuses', refusedLogin('ERR max number of clients reached'), 'rejected'],
  ['a login that was refused in other words', refusedLogin('ERR no'), 'auth'],
  ["ioredis's commandTimeout", new Error('Command timed out'), 'timeout'],
  ['an AbortSignal.timeout()', new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 'timeout'],
  ["ioredis's end of a connection", new Error('Connection is closed.'), 'connection'],
  ['a fetch() that failed', new TypeError('fetch failed', { cause: coded('ENOTFOUND') }), 'dns'],
  ['several addresses that refuse', new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), 'refused'],
  ['a text that looks like a reply', new Error('LOADING Redis is loading'), 'custom'],
  ['a code that nobody knows', coded('EWHATEVER'), 'custom'],
  ['a text', 'LOADING', 'custom'],
  ['nothing', undefined, 'custom'],
];

describe('The reason of a failed check', () => {
  for (const [message, reason] of Object.entries(replies)) {
    it(`is "${reason}" for the reply ${message}`, () => {
      expect(failureReason(replyError(message), 'custom')).to.equal(reason);
    });
  }

  for (const [code, reason] of Object.entries(codes)) {
    it(`is "${reason}" for the code ${code}`, () => {
      expect(failureReason(coded(code), 'custom')).to.equal(reason);
    });
  }

  for (const [name, error, reason] of others) {
    it(`is "${reason}" for ${name}`, () => {
      expect(failureReason(error, 'custom')).to.equal(reason);
    });
  }

  it('is found although causes go round in a circle', () => {
    const error = new Error('a');
    error.cause = error;

    expect(failureReason(error, 'connection')).to.equal('connection');
  });
});
