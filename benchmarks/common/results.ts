import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { print } from './table.ts';

export const IOREDIS_MAJOR = process.env['IOREDIS_MAJOR'] ?? '5';

/** What a reader needs to place the figures. Nothing that identifies the machine. */
export function environment(): Readonly<Record<string, string | number>> {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    node: process.version,
    ioredis: ioredisVersion(),
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
  };
}

export function printHeader(title: string): void {
  const { node, ioredis, cpu, cores } = environment();
  print(`\n=== ${title}: ioredis ${ioredis ?? ''}, node ${node ?? ''}, ${cores ?? ''} x ${cpu ?? ''}`);
}

/** Results of a part of a benchmark are not written: they would replace those of the whole. */
export function writeResults(benchmark: string, isWhole: boolean, figures: object): void {
  const name = `${benchmark}-ioredis-${IOREDIS_MAJOR}.json`;
  if (!isWhole) {
    print(`\nOnly a part was run: results/${name} was not written.`);
    return;
  }
  writeResultFile(name, `${JSON.stringify({ benchmark, ...environment(), ...figures }, rounded, 2)}\n`);
}

export function writeResultFile(name: string, text: string): void {
  const folder = new URL('../results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileURLToPath(new URL(name, folder)), text);
  print(`\nWritten: benchmarks/results/${name}`);
}

function ioredisVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('ioredis/package.json');
  return (manifest as { readonly version: string }).version;
}

export function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value;
}
