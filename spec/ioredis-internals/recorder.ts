import type { ClientListener } from '../../lib/ioredis-internals/client-hooks.ts';
import type { QueuedCommand } from '../../lib/ioredis-internals/types.ts';
import { print } from '../dispatch/commands.ts';

/** Notes down all that a hooked client tells. */
export class Recorder implements ClientListener {
  readonly log: string[] = [];
  takesErrors = false;

  statusChanged(status: string): void {
    this.log.push(status);
  }

  connectionLost(items: QueuedCommand[]): void {
    this.log.push(`lost: ${printItems(items)}`);
  }

  refused(item: QueuedCommand): void {
    this.log.push(`refused: ${printItems([item])}`);
  }

  errorReply(error: Error, item: QueuedCommand): boolean {
    this.log.push(`${error.message}: ${printItems([item])}`);
    return this.takesErrors;
  }
}

export function printItems(items: readonly QueuedCommand[]): string {
  return items.map(({ command }) => print(command)).join(', ');
}
