import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Libraries that take the ioredis of the application, as it does itself. */
const LIBRARIES = new Set(['@boringnode/bus', 'bentocache', 'bullmq']);

/** What a file of this repository means by "ioredis"; other dependencies keep their own view of it. */
export function redirect(specifier, importer) {
  if (!/^ioredis(?:\/|$)/.test(specifier) || typeof importer !== 'string') return specifier;
  const path = relative(root, importer);
  const segments = path.split(sep);
  if (isAbsolute(path) || segments[0] === '..') return specifier;
  const library = libraryOf(segments);
  if (library !== undefined && !LIBRARIES.has(library)) return specifier;
  return specifier.replace('ioredis', 'ioredis-6');
}

/** The installed package to which a file belongs, if it belongs to one. */
function libraryOf(segments) {
  const index = segments.lastIndexOf('node_modules');
  if (index < 0) return undefined;
  const [scopeOrName, name] = segments.slice(index + 1);
  return scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName;
}

export function resolve(specifier, context, nextResolve) {
  const importer = context.parentURL?.startsWith('file:') ? fileURLToPath(context.parentURL) : undefined;
  return nextResolve(redirect(specifier, importer), context);
}
