import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatTable } from '../../benchmarks/common/table.ts';
import { marksIn } from './rare-marks.mjs';

/** How many of the seeds that reached a branch are told. */
const TOLD_SEEDS = 3;

/** Which seeds reached which of the marked branches. */
export class RareBranches {
  readonly #seeds = new Map<string, number[]>(allMarks().map((name) => [name, []]));

  add(seed: number, reached: readonly string[]): void {
    for (const name of reached) this.#seeds.get(name)?.push(seed);
  }

  /** The rarest first, and those that nobody reached. */
  format(): string {
    const all = [...this.#seeds].sort(([, a], [, b]) => a.length - b.length);
    const reached = all.filter(([, seeds]) => seeds.length > 0);
    const unreached = all.filter(([, seeds]) => seeds.length === 0).map(([name]) => name);
    const rows = reached.map(([name, seeds]) => {
      const first = [...seeds].sort((a, b) => a - b).slice(0, TOLD_SEEDS);
      return [name, seeds.length, first.join(', ')];
    });
    const title = `${reached.length} of ${all.length} rare branches were reached`;
    const table = formatTable(title, ['rare branch', 'runs', 'first seeds'], rows);
    return `${table}reached by no seed: ${unreached.length === 0 ? 'none' : unreached.sort().join(', ')}`;
  }
}

function allMarks(): string[] {
  const lib = fileURLToPath(new URL('../../lib/', import.meta.url));
  return readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => marksIn(readFileSync(`${lib}${path}`, 'utf8')));
}
