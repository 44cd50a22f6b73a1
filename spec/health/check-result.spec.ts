import { expect } from 'chai';
import { GOOD, failedCheck } from '../../lib/health/check-result.ts';
import { replyError } from './fake-clients.ts';

describe('A failed check', () => {
  describe('to which the server itself said no', () => {
    for (const message of [
      'LOADING Redis is loading the dataset in memory',
      'NOAUTH Authentication required.',
      'WRONGPASS invalid username-password pair or user is disabled.',
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
      'MISCONF Redis is configured to save RDB snapshots',
      'ERR something else',
    ]) {
      it(`is an answer: ${message}`, () => {
        const error = replyError(message);

        expect(failedCheck(error)).to.deep.include({ ok: false, isAnswer: true, error });
      });
    }
  });

  describe('of a server that takes no more clients', () => {
    it('is no answer, because others may be served', () => {
      for (const message of [
        'ERR max number of clients reached',
        "OOM command not allowed when used memory > 'maxmemory'.",
      ]) {
        expect(failedCheck(replyError(message))).to.deep.include({ ok: false, isAnswer: false });
      }
    });
  });

  describe('without a word of the server', () => {
    it('is no answer', () => {
      for (const message of [
        'connect ECONNREFUSED 127.0.0.1:6379',
        'Connection is closed.',
        'no answer within 500 ms',
      ]) {
        const error = new Error(message);

        expect(failedCheck(error)).to.deep.include({ ok: false, isAnswer: false, error });
      }
    });

    it('is no answer although the text looks like one', () => {
      expect(failedCheck(new Error('LOADING Redis is loading'))).to.deep.include({ isAnswer: false });
    });

    it('has an error whatever was thrown', () => {
      for (const thrown of ['text', 5, undefined, null]) {
        const result = failedCheck(thrown);

        expect(result).to.have.property('error').that.is.an('error').with.property('message', String(thrown));
      }
    });
  });

  describe('of a user who must not PING', () => {
    it('is a good one, because a healthy server said so', () => {
      expect(failedCheck(replyError("NOPERM this user has no permissions to run the 'ping' command"))).to.equal(GOOD);
    });

    it('is a good one only if the server said so', () => {
      expect(failedCheck(new Error('NOPERM no'))).to.deep.include({ ok: false });
    });
  });
});
