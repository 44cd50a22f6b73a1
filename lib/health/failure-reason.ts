import { isServerReply, replyFailureKind } from '../commands/failure-kind.ts';
import type { HealthCheckReason } from '../events.ts';
import { isLoginRefusal } from './refused-login.ts';

/** By how a reply begins. */
const OF_REPLIES: readonly (readonly [RegExp, HealthCheckReason])[] = [
  [/^(?:WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR (?:Client sent )?AUTH\b)/, 'auth'],
  [/^LOADING\b/, 'loading'],
  [/^(?:READONLY|MASTERDOWN)\b/, 'role'],
];

/** By the code of an error: of the system, of DNS, of TLS, and of Node's own HTTP client. */
const OF_CODES: readonly (readonly [RegExp, HealthCheckReason])[] = [
  [/^(?:E(?:SOCKET)?TIMEDOUT|ETIME|UND_ERR_.*TIMEOUT)$/, 'timeout'],
  // A socket's path that is not there.
  [/^(?:ECONNREFUSED|ENOENT)$/, 'refused'],
  [/^(?:ENOTFOUND|ENODATA|ESERVFAIL|EBADRESP|EBADNAME|EAI_\w+)$/, 'dns'],
  [/^(?:ERR_(?:TLS|SSL|OSSL)_\w+|EPROTO|CERT_\w+|CRL_\w+|UNABLE_TO_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+)$/, 'tls'],
  [/^(?:HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_EXCEEDED|ERROR_IN_(?:CERT|CRL)_\w+)$/, 'tls'],
  [
    /^(?:E(?:CONN(?:RESET|ABORTED)|PIPE|HOSTUNREACH|NETUNREACH|HOSTDOWN|NETDOWN|ADDRNOTAVAIL)|UND_ERR_SOCKET)$/,
    'connection',
  ],
];

/** How far an error is followed to what caused it. */
const MAX_DEPTH = 4;

/** Why a check failed, by the error with which it did. @param otherwise The reason when the error tells of none. */
export function failureReason(error: unknown, otherwise: HealthCheckReason): HealthCheckReason {
  return reasonOf(error, 0) ?? otherwise;
}

function reasonOf(error: unknown, depth: number): HealthCheckReason | undefined {
  if (!(error instanceof Error) || depth > MAX_DEPTH) return undefined;
  const isReply: boolean = isServerReply(error);
  if (isReply) return find(OF_REPLIES, error.message) ?? (isOwnFault(error) ? 'auth' : 'rejected');
  const { name, message, code, cause, errors } = error as Error & { code?: unknown; errors?: unknown };
  const byCode = typeof code === 'string' ? find(OF_CODES, code) : undefined;
  if (byCode !== undefined) return byCode;
  // ioredis's `commandTimeout` and `AbortSignal.timeout()` have no code.
  if (name === 'TimeoutError' || message === 'Command timed out') return 'timeout';
  if (message === 'Connection is closed.') return 'connection';
  return reasonOf(cause, depth + 1) ?? (Array.isArray(errors) ? reasonOf(errors[0], depth + 1) : undefined);
}

/** A login may also be refused because the server takes none now. */
function isOwnFault(error: Error): boolean {
  return isLoginRefusal(error) && replyFailureKind('auth', error.message) === 'answered';
}

function find(table: readonly (readonly [RegExp, HealthCheckReason])[], text: string): HealthCheckReason | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
