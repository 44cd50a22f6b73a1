import { expect } from 'chai';
import fc from 'fast-check';
import { type Place, failureKind, replyFailureKind, speaksOfTheServer } from '../../lib/commands/failure-kind.ts';
import type { FailureKind } from '../../lib/commands/retry-decision.ts';
import { GeoFailoverError } from '../../lib/errors.ts';
import { replyError } from '../dispatch/commands.ts';

const rejected: readonly string[] = [
  'LOADING Redis is loading the dataset in memory',
  "READONLY You can't write against a read only replica.",
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'CLUSTERDOWN Hash slot not served',
  'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.',
  'NOREPLICAS Not enough good replicas to write.',
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  'NOAUTH Authentication required.',
  'LOADING',
];

const answered: readonly string[] = [
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  'NOSCRIPT No matching script. Please use EVAL.',
  "NOPERM this user has no permissions to run the 'get' command",
  'WRONGPASS invalid username-password pair or user is disabled.',
  "ERR wrong number of arguments for 'get' command",
  'ERR value is not an integer or out of range',
  "ERR unknown command 'foo'",
  'ERR max number of clients',
  'EXECABORT Transaction discarded because of previous errors.',
  'BUSYGROUP Consumer Group name already exists',
  'BUSYKEY Target key name already exists.',
  'MOVED 3999 127.0.0.1:6381',
  'READONLYISH x',
  'ERR LOADING is a word here',
  'loading in small letters',
  ' LOADING behind a space',
  '',
];

const overloaded: readonly string[] = [
  "OOM command not allowed when used memory > 'maxmemory'.",
  'OOM',
  'ERR max number of clients reached',
  'ERR max number of clients reached, try later',
];

const cases: readonly (readonly [FailureKind, readonly string[]])[] = [
  ['rejected', rejected],
  ['overloaded', overloaded],
  ['answered', answered],
];

const SCRIPTS = ['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro'] as const;
const SHA = 'c664a3bf70bd1d45c4284ffebb65a6f2299bfc9f';
const MARKER = ` script: ${SHA}, on @user_script:1.`;

describe('What an error reply means', () => {
  for (const [kind, messages] of cases) {
    describe(kind, () => {
      for (const message of messages) {
        it(JSON.stringify(message.slice(0, 60)), () => expect(replyFailureKind('set', message)).to.equal(kind));
      }
    });
  }

  describe('for a script', () => {
    for (const name of SCRIPTS) {
      describe(`that ${name.toUpperCase()} ran`, () => {
        it('is "rejected" when Redis 7 raised it at the first write', () => {
          for (const word of ['READONLY', 'MISCONF', 'NOREPLICAS']) {
            expect(replyFailureKind(name, `${word} it says.${MARKER}`)).to.equal('rejected');
            expect(replyFailureKind(name.toUpperCase(), `${word} it says.${MARKER}`)).to.equal('rejected');
          }
        });

        it('is "answered" without the marker, because the script may have said so itself', () => {
          for (const message of [...rejected, ...overloaded]) {
            expect(replyFailureKind(name, message)).to.equal('answered');
          }
        });

        it('is "answered" with the marker, when something may have been written before', () => {
          const messages = [...rejected, ...overloaded, ...answered].filter(
            (message) => !/^(READONLY|MISCONF|NOREPLICAS) /.test(message),
          );

          for (const message of messages) expect(replyFailureKind(name, message + MARKER)).to.equal('answered');
        });
      });
    }

    it('takes the marker of a function for one', () => {
      const message = `READONLY You can't write. script: my_function, on @user_function:7.`;

      expect(replyFailureKind('fcall', message)).to.equal('rejected');
    });

    it('does not take a part of the marker for it', () => {
      for (const part of [` script: ${SHA}`, ', on @user_script:1.', ` script: ${SHA}, on line 1`, 'script: x']) {
        expect(replyFailureKind('eval', `READONLY no.${part}`)).to.equal('answered');
      }
    });
  });

  describe('for a command that is no script', () => {
    it('does not look for the marker', () => {
      expect(replyFailureKind('set', `READONLY no.${MARKER}`)).to.equal('rejected');
      expect(replyFailureKind('script', 'READONLY no.')).to.equal('rejected');
    });
  });

  it('is always one of three kinds, and no kind of a lost connection', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, message) => {
        expect(replyFailureKind(name, message)).to.be.oneOf(['rejected', 'overloaded', 'answered']);
      }),
    );
  });

  it('depends on the first word only', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rejected), fc.string(), (message, more) => {
        expect(replyFailureKind('get', `${message} ${more}`)).to.equal('rejected');
      }),
    );
  });
});

/** Whatever can end a connection, or keep it from being made, as Node and ioredis tell it. */
const withoutReply: Readonly<Record<string, readonly Error[]>> = {
  sockets: [
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ECONNABORTED'],
    ...['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOENT', 'EACCES', 'ERR_STREAM_DESTROYED'],
    ...['ERR_STREAM_WRITE_AFTER_END', 'ERR_SOCKET_CLOSED'],
  ].map((code) => withCode(code)),
  TLS: [
    ...[
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ...['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'EPROTO', 'ERR_TLS_HANDSHAKE_TIMEOUT'],
  ].map((code) => withCode(code)),
  DNS: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ESERVFAIL', 'ENODATA'].map((code) => withCode(code)),
  ioredis: [
    new Error('Connection is closed.'),
    new Error("Stream isn't writeable and enableOfflineQueue options is false"),
    new Error('Command timed out'),
    new Error('Blocking command timed out'),
    new Error("Socket timeout. Expecting data, but didn't receive any in 500ms."),
    new Error('connect ETIMEDOUT'),
    new Error('None of startup nodes is available'),
    new Error('All sentinels are unreachable.'),
    Object.assign(new Error('Reached the max retries per request limit (which is 20).'), {
      name: 'MaxRetriesPerRequestError',
    }),
    Object.assign(new Error('Protocol error, got "\\n" as reply type byte'), { name: 'ParserError' }),
    // What a server said earlier, to another command, is no answer to this one.
    Object.assign(new Error('READONLY of the application'), { name: 'AbortError' }),
  ],
  ours: [new GeoFailoverError('GEO_CLIENT_CLOSED', 'Connection is closed.')],
};

function withCode(code: string): Error {
  return Object.assign(new Error(`something ${code} happened`), { code });
}

describe('What is known of a command whose attempt failed', () => {
  const kindOf = (place: Place, error: Error | undefined): FailureKind =>
    failureKind({ commandName: 'set', place, error });

  for (const [source, errors] of Object.entries(withoutReply)) {
    describe(`by an error of ${source}`, () => {
      for (const error of errors) {
        const { code } = error as { code?: string };
        it(`hangs on the place alone: ${code ?? `${error.name}: ${error.message}`}`, () => {
          expect(kindOf('unwritten', error)).to.equal('not-sent');
          expect(kindOf('in-flight', error)).to.equal('ambiguous');
          // Nothing came from a server, whatever the place says.
          expect(kindOf('answered', error)).to.equal('ambiguous');
        });
      }
    });
  }

  it('hangs on the place alone when nobody knows why', () => {
    expect(kindOf('unwritten', undefined)).to.equal('not-sent');
    expect(kindOf('in-flight', undefined)).to.equal('ambiguous');
  });

  it('hangs on the reply when there is one', () => {
    for (const [kind, messages] of cases) {
      for (const message of messages) expect(kindOf('answered', replyError(message)), message).to.equal(kind);
    }
  });

  it('does not take what a server said to others for an answer', () => {
    // A refused handshake is what ends a connection, with commands of an older one in flight.
    for (const message of [...rejected, ...overloaded, ...answered]) {
      expect(kindOf('in-flight', replyError(message)), message).to.equal('ambiguous');
      expect(kindOf('unwritten', replyError(message)), message).to.equal('not-sent');
    }
  });
});

describe('A reply that speaks of the whole server', () => {
  it('is every rejection', () => {
    expect(rejected.filter((message) => !speaksOfTheServer(message))).to.deep.equal([]);
  });

  it('is not overload, nor an answer', () => {
    expect([...overloaded, ...answered].filter(speaksOfTheServer)).to.deep.equal([]);
  });
});
