import type { RedisServer } from '../redis-server.ts';
import { readAof } from './aof.ts';
import type { ServerLog } from './attribution.ts';

/** What the collection needs of a server. */
export type CollectableServer = Pick<
  RedisServer,
  'port' | 'running' | 'frozen' | 'restart' | 'thaw' | 'cli' | 'aofFiles'
>;

const QUIET_ROUNDS = 5;

/**
 * Reads what each server executed, killed and frozen ones included: those are brought back first, because what they
 * hold on disk or in their socket buffers counts. Stop the load before. Servers are named by their keys in a record,
 * in an array by their address.
 */
export async function collectExecuted(
  servers: readonly CollectableServer[] | Readonly<Record<string, CollectableServer>>,
): Promise<ServerLog[]> {
  const named = Object.entries(servers).map(
    ([name, server]) => [Array.isArray(servers) ? `127.0.0.1:${server.port}` : name, server] as const,
  );
  return Promise.all(
    named.map(async ([name, server]) => {
      if (!server.running) await server.restart();
      if (server.frozen) server.thaw();
      await quiet(server);
      return { name, executed: await readLog(name, server) };
    }),
  );
}

/**
 * A PING alone is no proof: a thawed server reads the connections on which bytes piled up piece by piece, between
 * other connections' commands. It is quiet when its log did not grow over several fresh connections.
 */
async function quiet(server: CollectableServer): Promise<void> {
  let before = '';
  for (let unchanged = 0; unchanged < QUIET_ROUNDS;) {
    const info = String(await server.cli('INFO', 'persistence'));
    const size = /^aof_current_size:(\d+)/m.exec(info)?.[1];
    if (size === undefined) throw new Error(`the server on port ${server.port} runs without appendonly`);
    unchanged = size === before ? unchanged + 1 : 0;
    before = size;
  }
}

async function readLog(name: string, server: CollectableServer): Promise<ServerLog['executed']> {
  const files = server.aofFiles();
  const rewritten = files.filter((file) => file.includes('.base.'));
  if ((await readAof(rewritten)).length > 0) {
    throw new Error(`the append-only file of ${name} was rewritten: it holds data now, not what was executed`);
  }
  return readAof(files);
}
