import { connectionError } from '../../../spec/support/fault-proxy/raw-client.ts';
import { exchange } from '../../../spec/support/fault-proxy/resp-client.ts';

const host = '127.0.0.1';
const SILENCE_MS = 150;

/** Whether connections are refused. */
export async function refuses(port: number): Promise<boolean> {
  return (await connectionError(port)) === 'ECONNREFUSED';
}

/** Whether nobody answers a PING, for as long as one can wait for it. */
export async function isSilent(port: number): Promise<boolean> {
  return (await answer(port, 'PING')).startsWith('No reply');
}

/** What is answered over a fresh connection: a reply, the text of an error, or why there is none. */
export async function answer(port: number, ...request: string[]): Promise<string> {
  try {
    return String(await exchange({ host, port }, [request], SILENCE_MS));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
