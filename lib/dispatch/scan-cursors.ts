import { GeoFailoverError } from '../errors.ts';
import { afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';

/** How many cursors are remembered. One that was forgotten is sent to whatever endpoint is active, as any unknown one. */
const MOST_REMEMBERED = 10_000;

/** Where a command goes. */
export interface ScanTarget {
  readonly epoch: number;
  /** Of the connection, see there. */
  readonly serverRun: string | undefined;
}

/**
 * Remembers where the cursors of SCAN, HSCAN, SSCAN and ZSCAN come from. Another server, or the same one after a restart, has
 * its keys in another order: it would take the cursor and skip some of them.
 */
export class ScanCursors {
  readonly #origins = new Map<string, ScanTarget>();
  readonly #sentTo = new WeakMap<IoredisCommand, ScanTarget>();

  /** Learns the cursor that the command is answered with. */
  follow(command: IoredisCommand): void {
    afterReply(command, (reply) => {
      const target = this.#sentTo.get(command);
      if (target !== undefined && Array.isArray(reply)) this.#remember(keyOf(command, String(reply[0])), target);
    });
  }

  sentTo(command: IoredisCommand, target: ScanTarget): void {
    this.#sentTo.set(command, target);
  }

  isLost(command: IoredisCommand, { epoch, serverRun }: ScanTarget): boolean {
    const cursor = cursorOf(command);
    const origin = cursor === '0' ? undefined : this.#origins.get(keyOf(command, cursor));
    if (origin === undefined) return false;
    const areRunsKnown = origin.serverRun !== undefined && serverRun !== undefined;
    return origin.epoch !== epoch || (areRunsKnown && origin.serverRun !== serverRun);
  }

  #remember(key: string, origin: ScanTarget): void {
    // Deleted first, so that the oldest are in front.
    this.#origins.delete(key);
    this.#origins.set(key, origin);
    if (this.#origins.size <= MOST_REMEMBERED) return;
    for (const oldest of this.#origins.keys()) {
      this.#origins.delete(oldest);
      break;
    }
  }
}

export function cursorLost({ name }: IoredisCommand, epoch: number): GeoFailoverError {
  const message = `${name.toUpperCase()} has to begin again: its cursor came from a server that is not active any more, or was started again. It was not executed.`;
  return new GeoFailoverError('GEO_CURSOR_LOST', message, { epoch, outcome: 'not-executed' });
}

function cursorOf({ name, args }: IoredisCommand): string {
  return String(args[isOfKeyspace(name) ? 0 : 1]);
}

function keyOf(command: IoredisCommand, cursor: string): string {
  const { name, args } = command;
  return isOfKeyspace(name) ? cursor : `${name.toLowerCase()} ${cursor} ${String(args[0])}`;
}

function isOfKeyspace(name: string): boolean {
  return name.length === 'scan'.length;
}
