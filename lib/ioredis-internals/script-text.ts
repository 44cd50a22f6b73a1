import { Command } from 'ioredis';
import type { IoredisCommand } from './types.ts';

/**
 * The command by which a script of `defineCommand()` is sent together with its text. For any other command it is the
 * command itself.
 */
export function withScriptText(command: IoredisCommand): Pick<IoredisCommand, 'name' | 'args'> {
  if (!isScript(command)) return command;
  // ioredis puts the text in when it writes to a socket for the first time. It is a copy that it is put into.
  const { args, reject } = command;
  const copy = Object.assign(Object.create(command) as IoredisCommand, { args: [...args], reject });
  copy.toWritable?.({});
  return copy;
}

/** Scripts are of a class of their own, each of them. */
function isScript(command: IoredisCommand): boolean {
  const { constructor } = command;
  return constructor !== Command && Object.getPrototypeOf(constructor) === Command;
}
