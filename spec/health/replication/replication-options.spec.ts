import { expect } from 'chai';
import { replicationHealthCheck } from '../../../lib/health/replication/replication-health-check.ts';
import { replicationSettings } from '../../../lib/health/replication/replication-options.ts';
import { errorOf } from '../../options/problems-of.ts';

const cases: readonly (readonly [options: unknown, message: string])[] = [
  ['app:', 'replicationHealthCheck must be a plain object, got "app:" (string)'],
  [{ channelPrefix: '' }, 'replicationHealthCheck.channelPrefix must be a non-empty string, got ""'],
  [{ timeoutMs: 0 }, 'replicationHealthCheck.timeoutMs must be an integer >= 1, got 0'],
  [{ timeoutMs: '5s' }, 'replicationHealthCheck.timeoutMs must be an integer >= 1, got "5s"'],
  [{ timeOutMs: 5 }, 'replicationHealthCheck.timeOutMs is not an option; did you mean "timeoutMs"?'],
  [
    { channelPrefix: 1, timeoutMs: 1.5 },
    'replicationHealthCheck.channelPrefix must be a non-empty string, got 1\nreplicationHealthCheck.timeoutMs must be an integer >= 1, got 1.5',
  ],
];

describe('The options of a check of the replication', () => {
  for (const [options, message] of cases) {
    it(`are refused: ${message.replaceAll('replicationHealthCheck', '').slice(0, 70)}`, () => {
      expect(errorOf(() => replicationHealthCheck(options as never)).message).to.equal(message);
    });
  }

  it('have these defaults', () => {
    const defaults = { channelPrefix: '__geo-failover:', timeoutMs: 5_000 };

    expect(replicationSettings({})).to.deep.equal(defaults);
    expect(replicationSettings({ channelPrefix: undefined, timeoutMs: undefined })).to.deep.equal(defaults);
  });
});
