import { print, printTable } from '../common/table.ts';
import { CLIENT_NAMES } from './clients.ts';
import type { Latency } from './latency.ts';
import type { OverheadFigures } from './options.ts';
import { IDLE_SETUPS, type IdleCpu, SETUPS, type StandbyCost } from './standby-cost.ts';
import type { Throughput } from './throughput.ts';

export function printFigures({ throughput, latency, standby, idleCpu }: OverheadFigures): void {
  if (throughput.length > 0) printThroughput(throughput);
  if (latency.length > 0) printLatency(latency);
  if (standby !== undefined) printStandby(standby);
  if (idleCpu !== undefined) printIdleCpu(idleCpu);
}

function printThroughput(figures: readonly Throughput[]): void {
  printTable(
    'Throughput by that of bare ioredis (above 1 is faster). The control is a second bare client.',
    ['workload', 'bare ops/s', 'control', 'ours', 'from … to', 'naive', 'rounds', 'control within 2 %'],
    figures.map(({ workload, barePerSecond, ratio, oursSpread, rounds, isControlClose }) => [
      workload,
      Math.round(barePerSecond),
      ratio.control.toFixed(3),
      ratio.ours.toFixed(3),
      `${oursSpread.min.toFixed(3)} … ${oursSpread.max.toFixed(3)}`,
      ratio.naive.toFixed(3),
      rounds,
      isControlClose ? 'yes' : 'NO',
    ]),
  );
}

function printLatency(figures: readonly Latency[]): void {
  printTable(
    'Latency of GET in microseconds',
    ['concurrency', 'quantile', ...CLIENT_NAMES],
    figures.flatMap(({ concurrency, p50Us, p99Us }) => [
      [concurrency, 'p50', ...CLIENT_NAMES.map((name) => p50Us[name])],
      [concurrency, 'p99', ...CLIENT_NAMES.map((name) => p99Us[name])],
    ]),
  );
}

function printStandby(cost: StandbyCost): void {
  printTable(
    `Memory and sockets per client (${cost.clients} clients, median of ${cost.repetitions}, after forced gc)`,
    ['', ...SETUPS, 'per additional endpoint'],
    [
      ['heap KiB', ...SETUPS.map((setup) => cost.heapKiBPerClient[setup]), cost.heapKiBPerEndpoint],
      ['sockets', ...SETUPS.map((setup) => cost.socketsPerClient[setup]), cost.socketsPerEndpoint],
    ],
  );
  if (globalThis.gc === undefined)
    print('No gc was forced (node runs without --expose-gc): the heap figures are void.');
}

function printIdleCpu({ seconds, msPerSecond, timersPerSecond, timersArmed }: IdleCpu): void {
  printTable(
    `An idle client (median of slices, ${seconds} s in all)`,
    ['', ...IDLE_SETUPS],
    [
      ['CPU, ms per second', ...IDLE_SETUPS.map((setup) => msPerSecond[setup])],
      ['timers started per second', ...IDLE_SETUPS.map((setup) => timersPerSecond[setup])],
      ['timers armed', ...IDLE_SETUPS.map((setup) => timersArmed[setup])],
    ],
  );
}
