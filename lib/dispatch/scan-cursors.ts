import { GeoFailoverError } from '../errors.ts';
import { afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';

/** How many cursors are remembered. One that was forgotten is sent to whatever endpoint is active, as any unknown one. */
const MOST_REMEMBERED = 10_000;

/**
 * Remembers to which epoch the cursors of SCAN, HSCAN, SSCAN and ZSCAN belong. Another server has its keys in another
 * order: it would take the cursor and skip some of them.
 */
export class ScanCursors {
  readonly #epochs = new Map<string, number>();
  readonly #sentIn = new WeakMap<IoredisCommand, number>();

  /** Learns the cursor that the command is answered with. */
  follow(command: IoredisCommand): void {
    afterReply(command, (reply) => {
      const epoch = this.#sentIn.get(command);
      if (epoch !== undefined && Array.isArray(reply)) this.#remember(keyOf(command, String(reply[0])), epoch);
    });
  }

  sentIn(command: IoredisCommand, epoch: number): void {
    this.#sentIn.set(command, epoch);
  }

  isLost(command: IoredisCommand, epoch: number): boolean {
    const cursor = cursorOf(command);
    const known = cursor === '0' ? undefined : this.#epochs.get(keyOf(command, cursor));
    return known !== undefined && known !== epoch;
  }

  #remember(key: string, epoch: number): void {
    // Deleted first, so that the oldest are in front.
    this.#epochs.delete(key);
    this.#epochs.set(key, epoch);
    if (this.#epochs.size <= MOST_REMEMBERED) return;
    for (const oldest of this.#epochs.keys()) {
      this.#epochs.delete(oldest);
      break;
    }
  }
}

export function cursorLost({ name }: IoredisCommand, epoch: number): GeoFailoverError {
  const message = `${name.toUpperCase()} has to begin again: its cursor came from an endpoint that is not active any more. It was not executed.`;
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
