import { Command } from 'ioredis';
import { WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import type { IoredisCommand, PipelineStream } from '../../lib/ioredis-internals/types.ts';

type Argument = string | Buffer | number;

/** A command as the facade makes it. */
export function command(name: string, ...args: Argument[]): IoredisCommand {
  const made = new Command(name, args, { replyEncoding: 'utf8' }) as unknown as IoredisCommand;
  // Most specs look at what becomes of a command by other means than its promise.
  made.promise.catch(() => undefined);
  return made;
}

/** A command written as on a command line. */
export function parse(line: string): IoredisCommand {
  const [name = '', ...args] = line.split(' ');
  return command(name, ...args);
}

export function print({ name, args }: IoredisCommand): string {
  return [name, ...args.map(String)].join(' ');
}

export function waiting(line: string, endpointId = 'a'): WaitingCommand {
  return new WaitingCommand(parse(line), endpointId);
}

export function printAll(entries: readonly WaitingCommand[]): string[] {
  return entries.map((entry) => print(entry.command));
}

/** What a pipeline hands on beside its commands. */
export function stream(): PipelineStream {
  return { isPipeline: true, destination: { redis: undefined }, write: () => true };
}

/** The commands of a transaction as a pipeline makes them, MULTI and EXEC included. */
export function transaction(...lines: readonly string[]): IoredisCommand[] {
  const commands = ['multi', ...lines, 'exec'].map(parse);
  for (const member of commands.slice(0, -1)) member.inTransaction = true;
  return commands;
}

/** A server's error reply as ioredis makes it. */
export function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

/** What a caller got so far: the reply, the error, or `'pending'`. */
export async function outcomeOf(sent: IoredisCommand): Promise<unknown> {
  let outcome: unknown = 'pending';
  const note = (settled: unknown): void => {
    outcome = settled;
  };
  sent.promise.then(note, note);
  // A turn of the event loop would do as well, but time may be faked.
  for (let i = 0; i < 10; i++) await Promise.resolve();
  return outcome;
}
