const MASK = '***';
const SECRET_NAME = /^(?:user|key|cert|pfx)$|username|pass|pwd|secret|token|credential|auth/i;

const MAX_STRING = 80;
const MAX_TOTAL = 200;
const MAX_ITEMS = 8;
const MAX_DEPTH = 3;

/**
 * Text with the secrets of a URL in it replaced: what stands before the last `@`, except for the scheme and the user's
 * name, and query parameters with telling names.
 *
 * It goes by the last `@` and not by a parser, because text that is shown in an error is often a URL that is wrong, such
 * as one whose password is not percent-encoded.
 */
export function maskUrl(text: string): string {
  return maskUserInfo(maskQuery(text));
}

function maskUserInfo(text: string): string {
  const at = text.lastIndexOf('@');
  if (at < 0) return maskPort(text);
  const scheme = /^[a-z][a-z\d+.-]*:\/\//i.exec(text)?.[0] ?? '';
  const userInfo = text.slice(scheme.length, Math.max(at, scheme.length));
  const colon = userInfo.indexOf(':');
  // Without a colon, and under any other scheme, nothing tells a name from a secret.
  const user = colon >= 0 && /^rediss?:/i.test(scheme) ? userInfo.slice(0, colon + 1) : '';
  return `${scheme}${user}${MASK}${text.slice(at)}`;
}

/** Where a port should be and no number is, somebody forgot the host after a name and a password. */
function maskPort(text: string): string {
  return text.replace(/^((?:[a-z][a-z\d+.-]*:)?\/\/[^:/?#[\]]*:)(?!\d*(?:[/?#]|$)).*$/is, `$1${MASK}`);
}

function maskQuery(text: string): string {
  return text.replace(/([?&;])([^=&;?]*)=([^&;]*)/g, (whole, separator: string, name: string) =>
    SECRET_NAME.test(decoded(name)) ? `${separator}${name}=${MASK}` : whole,
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A value as it may be shown in an error: short, on one line, without secrets. */
export function printValue(value: unknown): string {
  try {
    return containsBinary(value, new Set()) ? `${typeName(value)} (not printed)` : cut(print(value, 0), MAX_TOTAL);
  } catch {
    // A getter of the user's, or a revoked proxy.
    return 'a value that cannot be read';
  }
}

/** Like {@link printValue}, for a value of the wrong type. */
export function printWithType(value: unknown): string {
  const printed = printValue(value);
  const type = typeName(value);
  return printed.startsWith(type) ? printed : `${printed} (${type})`;
}

/** The name of a value's type; for an object made by a class, the name of the class. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'array';
  return isPlainObject(value) ? 'object' : className(value);
}

function className(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object';
}

/** Whether a value is an object literal, also one of another realm. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function print(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
      return `${String(value)}n`;
    case 'symbol':
    case 'function':
      return typeof value;
    case 'object':
      return value === null ? 'null' : printObject(value, depth);
    default:
      return String(value);
  }
}

function printObject(value: object, depth: number): string {
  if (Array.isArray(value)) return wrap('[', printItems(value, depth), ']');
  if (!isPlainObject(value)) return className(value);
  return wrap('{ ', printEntries(value, depth), ' }');
}

function printItems(value: readonly unknown[], depth: number): string[] {
  if (depth >= MAX_DEPTH && value.length > 0) return ['…'];
  const shown = value.slice(0, MAX_ITEMS).map((item) => print(item, depth + 1));
  return value.length > MAX_ITEMS ? [...shown, '…'] : shown;
}

function printEntries(value: Readonly<Record<string, unknown>>, depth: number): string[] {
  const keys = Object.keys(value);
  if (depth >= MAX_DEPTH && keys.length > 0) return ['…'];
  const shown = keys.slice(0, MAX_ITEMS).map((key) => {
    const printed = SECRET_NAME.test(key) ? MASK : print(value[key], depth + 1);
    return `${printName(key)}: ${printed}`;
  });
  return keys.length > MAX_ITEMS ? [...shown, '…'] : shown;
}

function wrap(open: string, parts: readonly string[], close: string): string {
  return parts.length === 0 ? `${open.trim()}${close.trim()}` : `${open}${parts.join(', ')}${close}`;
}

/** A property's name as it may be shown: it is the user's text as well. */
export function printName(name: string): string {
  return isIdentifier(name) ? cut(name, MAX_STRING) : quote(name);
}

export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}

function quote(text: string): string {
  return JSON.stringify(cut(maskUrl(text), MAX_STRING)).replace(/[\u007f-\u009f\u2028\u2029]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Keys and certificates are given as Buffers, whatever their property is called. */
function containsBinary(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return true;
  seen.add(value);
  if (!Array.isArray(value) && !isPlainObject(value)) return false;
  return Object.values(value).some((item) => containsBinary(item, seen));
}
