import type { UnhealthyVerdict } from '../../options/health-check.ts';
import type { RestResponse } from './rest-client.ts';

const LONGEST_TEXT = 200;

/** The database itself is not available, in the words of the REST interface; `no_quorum` says that it cannot tell. */
export function isUnavailable(response: RestResponse): boolean {
  return response.status === 503 && /^bdb_(?:endpoint_)?unavailable/.test(errorCodeOf(response) ?? '');
}

/** Whether it is the lag that is wrong. `undefined` when the answer does not say. */
export function isLag(response: RestResponse): boolean | undefined {
  const code = errorCodeOf(response);
  if (response.status !== 503 || code === undefined) return undefined;
  if (/lag/i.test(code)) return true;
  return isUnavailable(response) || code === 'no_quorum' ? false : undefined;
}

/** What an answer says that is not what was hoped for. */
export function restVerdict(response: RestResponse, where: string): UnhealthyVerdict {
  const { status, body } = response;
  const isRefused = status === 401 || status === 403;
  const { description } = (body ?? {}) as { readonly description?: unknown };
  const words = [`HTTP ${status}`, errorCodeOf(response), isRefused ? 'user or password are wrong' : description];
  const texts = words.filter((word) => typeof word === 'string').map((word) => shown(word));
  return { ok: false, reason: isRefused ? 'auth' : 'http', message: `${where}: ${texts.join(', ')}` };
}

export function errorCodeOf({ body }: RestResponse): string | undefined {
  const { error_code: code } = (body ?? {}) as { readonly error_code?: unknown };
  return typeof code === 'string' && code !== '' ? code : undefined;
}

/** What comes from elsewhere is shown on one line. */
function shown(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length <= LONGEST_TEXT ? line : `${line.slice(0, LONGEST_TEXT - 1)}…`;
}
