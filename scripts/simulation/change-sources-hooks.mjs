/** Changes sources of the product while they are loaded, before TypeScript is taken out of them. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withCalls } from './rare-marks.mjs';

let changes;

export function initialize(data) {
  changes = data;
}

export async function load(url, context, nextLoad) {
  const [file] = url.split('?');
  if (!file.startsWith(changes.lib)) return nextLoad(url, context);
  const source = await readFile(fileURLToPath(file), 'utf8');
  return { format: 'module', source: withCalls(mutated(source, file)), shortCircuit: true };
}

function mutated(source, file) {
  let changed = source;
  for (const { url, find, replace } of changes.mutations) {
    if (file !== url) continue;
    const parts = changed.split(find);
    if (parts.length !== 2) throw new Error(`the place of the mutant is ${parts.length - 1} times in ${file}`);
    changed = parts.join(replace);
  }
  return changed;
}
