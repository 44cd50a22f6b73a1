import { Failure } from './model-data.ts';

/** Whether a server takes commands, and if not, what it says instead. */
export type ServerMode =
  | 'normal'
  | 'loading'
  | 'replica'
  /** It cannot save, and takes no writes. */
  | 'misconf'
  | 'noreplicas'
  | 'oom'
  /** It takes a write in one moment, and none in the next. */
  | 'flickering'
  /** A script runs for too long. */
  | 'busy'
  /** Who is connected stays so, and nobody else is let in. */
  | 'maxclients';

export const MAX_CLIENTS = new Failure('ERR max number of clients reached');

export const UNBLOCKED = new Failure(
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
);

/** What has to be known of a command. */
export interface CommandTraits {
  readonly isData: boolean;
  readonly isWrite: boolean;
  readonly needsMemory: boolean;
}

interface Refusal {
  readonly error: Failure;
  readonly isFor: (name: string, traits: CommandTraits) => boolean;
}

/** Taken in every state: they say nothing of the data. */
const ALWAYS_TAKEN: ReadonlySet<string> = new Set(['HELLO', 'MULTI', 'DISCARD', 'WATCH', 'UNWATCH', 'QUIT', 'CLIENT']);

const isWrite = (_name: string, traits: CommandTraits): boolean => traits.isWrite;

const REFUSALS: Readonly<Partial<Record<ServerMode, Refusal>>> = {
  loading: {
    error: new Failure('LOADING Redis is loading the dataset in memory'),
    isFor: (name, { isData }) => isData || name === 'PING',
  },
  replica: { error: new Failure("READONLY You can't write against a read only replica."), isFor: isWrite },
  misconf: {
    error: new Failure('MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.'),
    isFor: (name, traits) => traits.isWrite || name === 'PING',
  },
  noreplicas: { error: new Failure('NOREPLICAS Not enough good replicas to write.'), isFor: isWrite },
  oom: {
    error: new Failure("OOM command not allowed when used memory > 'maxmemory'."),
    isFor: (_name, { needsMemory }) => needsMemory,
  },
  busy: {
    error: new Failure('BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'),
    isFor: (name) => !ALWAYS_TAKEN.has(name),
  },
};

/** How many writes a flickering server refuses. */
export const FLICKER = 0.3;

/** @returns what a server in that state says instead of executing a command. */
export function refusalOf(name: string, traits: CommandTraits, mode: ServerMode): Failure | undefined {
  const refusal = REFUSALS[mode];
  return refusal?.isFor(name, traits) === true ? refusal.error : undefined;
}

/** What it says when a script writes. */
export function refusalInScript(sha: string, mode: ServerMode): Failure | undefined {
  const refusal = refusalOf('SET', { isData: true, isWrite: true, needsMemory: true }, mode);
  return refusal && new Failure(`${refusal.message} script: ${sha}, on @user_script:1.`);
}
