import { expect } from 'chai';
import { lagAwareHealthCheck } from '../../../lib/health/lag-aware/lag-aware-health-check.ts';
import { lagAwareSettings } from '../../../lib/health/lag-aware/lag-aware-options.ts';
import { errorOf } from '../../options/problems-of.ts';

const credentials = { username: 'viewer', password: 'S3CR3T' };
const URLS = 'must be an https:// URL without user, password, path and query';
const USERS = 'must be { username, password }, or a function that returns them';
const PEM = 'must be PEM: a string, a Buffer or an array of them';

const cases: readonly (readonly [options: unknown, message: string])[] = [
  [undefined, 'lagAwareHealthCheck must be a plain object, got undefined'],
  [{}, `lagAwareHealthCheck.credentials ${USERS}, got undefined`],
  [{ credentials: 'viewer:S3CR3T' }, `lagAwareHealthCheck.credentials ${USERS}, got string`],
  [{ credentials: { username: 'v', pass: 'S3CR3T' } }, `lagAwareHealthCheck.credentials ${USERS}, got object`],
  [{ credentials, url: 'http://a:9443' }, `lagAwareHealthCheck.url ${URLS}, got "http://a:9443"`],
  [{ credentials, url: 'https://u:S3CR3T@a' }, `lagAwareHealthCheck.url ${URLS}, got "https://***@a"`],
  [{ credentials, url: 'https://a/v1' }, `lagAwareHealthCheck.url ${URLS}, got "https://a/v1"`],
  [
    { credentials, url: 'https://a', port: 1 },
    'lagAwareHealthCheck.url must not be given along with host or port, got "https://a"',
  ],
  [{ credentials, host: '' }, 'lagAwareHealthCheck.host must be a non-empty string, got ""'],
  [{ credentials, port: 0 }, 'lagAwareHealthCheck.port must be an integer from 1 to 65535, got 0'],
  [{ credentials, bdbId: '7' }, 'lagAwareHealthCheck.bdbId must be an integer >= 1, got "7"'],
  [{ credentials, lagToleranceMs: -1 }, 'lagAwareHealthCheck.lagToleranceMs must be an integer >= 0, got -1'],
  [{ credentials, extendedCheck: 1 }, 'lagAwareHealthCheck.extendedCheck must be true or false, got 1'],
  [{ credentials, variant: 'node' }, 'lagAwareHealthCheck.variant must be one of "database", "local", got "node"'],
  [{ credentials, evictUnavailable: 'yes' }, 'lagAwareHealthCheck.evictUnavailable must be true or false, got "yes"'],
  [{ credentials, tls: true }, 'lagAwareHealthCheck.tls must be a plain object, got true'],
  [{ credentials, tls: { key: ['S3CR3T', 5] } }, `lagAwareHealthCheck.tls.key ${PEM}, got array`],
  [
    { credentials, tls: { passphrase: 5 } },
    'lagAwareHealthCheck.tls.passphrase must be a non-empty string, got number',
  ],
  [{ credentials, bdbid: 7 }, 'lagAwareHealthCheck.bdbid is not an option; did you mean "bdbId"?'],
  [{ credentials, tls: { certs: 'S3CR3T' } }, 'lagAwareHealthCheck.tls.certs is not an option; did you mean "cert"?'],
];

describe('The options of a lag-aware check', () => {
  for (const [options, message] of cases) {
    it(`are refused: ${message.replace('lagAwareHealthCheck', '').slice(0, 70)}`, () => {
      const error = errorOf(() => lagAwareHealthCheck(options as never));

      expect(error.message).to.equal(message);
      expect(error.message).not.to.contain(credentials.password);
    });
  }

  it('have these defaults', () => {
    expect(lagAwareSettings({ credentials, bdbId: undefined })).to.deep.equal({
      credentials,
      port: 9443,
      lagToleranceMs: 5_000,
      extendedCheck: true,
      variant: 'database',
      evictUnavailable: false,
      tls: {},
    });
  });

  const urls: Readonly<Record<string, object>> = {
    'https://a.example.com': { host: 'a.example.com', port: 9443 },
    'https://a.example.com:9444/': { host: 'a.example.com', port: 9444 },
    'https://a.example.com:443': { host: 'a.example.com', port: 443 },
    'https://[::1]:9443': { host: '::1', port: 9443 },
  };

  for (const [url, expected] of Object.entries(urls)) {
    it(`may have the URL ${url}`, () => {
      expect(lagAwareSettings({ credentials, url })).to.include(expected).and.not.to.have.property('url');
    });
  }
});
