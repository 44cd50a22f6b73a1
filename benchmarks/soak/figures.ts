import type { Preset } from '../../lib/index.ts';
import { formatTable } from '../common/table.ts';
import type { PartName } from './part-names.ts';

/** What one part showed. */
export interface PartFigures {
  readonly part: PartName;
  readonly preset: Preset;
  readonly ioredis: string;
  /** For how long there was something to be mistaken about. */
  readonly seconds: number;
  readonly commands: number;
  readonly suspicions: number;
  /** Changes from healthy to unhealthy, of any endpoint. */
  readonly unhealthy: number;
  readonly switches: number;
  readonly errors: number;
  readonly longestWindowMs: number | undefined;
}

/** What a subject tells its parent. */
export interface FiguresMessage {
  readonly figures: PartFigures;
}

export function isFiguresMessage(message: unknown): message is FiguresMessage {
  return typeof message === 'object' && message !== null && 'figures' in message;
}

const HOUR_S = 3_600;

export function formatFigures(figures: readonly PartFigures[]): string {
  const perHour = (count: number, { seconds }: PartFigures): number => (count * HOUR_S) / seconds;
  return formatTable(
    'Nothing failed, and how often it looked as if',
    [
      ...['ioredis', 'preset', 'part', 's', 'commands', 'suspicions', 'per hour', 'unhealthy'],
      ...['false switches', 'per hour', 'errors', 'longest window ms'],
    ],
    figures.map((each) => [
      ...[each.ioredis, each.preset, each.part, each.seconds, each.commands],
      ...[each.suspicions, perHour(each.suspicions, each), each.unhealthy],
      ...[each.switches, perHour(each.switches, each), each.errors, each.longestWindowMs],
    ]),
  );
}
