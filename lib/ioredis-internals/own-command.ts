import { Command } from 'ioredis';
import type { IoredisCommand } from './types.ts';

/** A command of our own, as a connection sends it beside those of the application. */
export function ownCommand(name: string, args: readonly (string | Buffer | number)[] = []): IoredisCommand {
  return new Command(name, [...args], { replyEncoding: 'utf8' }) as unknown as IoredisCommand;
}
