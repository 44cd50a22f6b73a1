import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface TestCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly directory: string;
}

const serverExtensions = `
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
`;
const authorityExtensions = `
[req]
distinguished_name = name
x509_extensions = authority
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;

let certificates: TestCertificates | undefined;

/** A throwaway CA and a server certificate for 127.0.0.1 and localhost; made once per process, removed at its exit. */
export function createTestCertificates(): TestCertificates {
  certificates ??= create();
  return certificates;
}

function create(): TestCertificates {
  const directory = mkdtempSync(join(tmpdir(), 'ioredis-geo-failover-tls-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  // Own configuration files make the outcome the same with every system's openssl.cnf.
  writeFileSync(join(directory, 'ca.cnf'), authorityExtensions);
  writeFileSync(join(directory, 'server.cnf'), serverExtensions);
  const newKey = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-sha256',
    '-config',
    'ca.cnf',
  ];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=Test CA');
  openssl('req', '-new', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-set_serial', '1'];
  const validity = ['-sha256', '-days', '2', '-extfile', 'server.cnf'];
  openssl('x509', '-req', '-in', 'server.csr', ...authority, ...validity, '-out', 'server.crt');
  return {
    ca: join(directory, 'ca.crt'),
    cert: join(directory, 'server.crt'),
    key: join(directory, 'server.key'),
    directory,
  };
}
