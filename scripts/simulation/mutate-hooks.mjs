/** Changes one file of the source while it is loaded, before TypeScript is taken out of it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

let mutant;

export function initialize(data) {
  mutant = data;
}

export async function load(url, context, nextLoad) {
  if (url.split('?')[0] !== mutant.url) return nextLoad(url, context);
  const source = await readFile(fileURLToPath(mutant.url), 'utf8');
  const parts = source.split(mutant.find);
  if (parts.length !== 2) throw new Error(`the place of the mutant is ${parts.length - 1} times in ${mutant.url}`);
  return { format: 'module', source: parts.join(mutant.replace), shortCircuit: true };
}
