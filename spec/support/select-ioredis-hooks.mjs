import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a file of this repository means by "ioredis"; dependencies keep their own view of it. */
export function redirect(specifier, importer) {
  if (!/^ioredis(?:\/|$)/.test(specifier) || typeof importer !== 'string') return specifier;
  const path = relative(root, importer);
  const segments = path.split(sep);
  if (isAbsolute(path) || segments[0] === '..' || segments.includes('node_modules')) return specifier;
  return specifier.replace('ioredis', 'ioredis-6');
}

export function resolve(specifier, context, nextResolve) {
  const importer = context.parentURL?.startsWith('file:') ? fileURLToPath(context.parentURL) : undefined;
  return nextResolve(redirect(specifier, importer), context);
}
