import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { decodeFrame, encodeRequest, FrameCutter, type RespValue } from './resp.ts';

export type CommandArgument = string | number | Buffer;

export interface RespEndpoint {
  readonly host: string;
  readonly port: number;
  /** Path of a CA certificate: speak TLS. */
  readonly ca?: string | undefined;
}

/**
 * Sends the requests over a fresh connection. Resolves with the reply to the last one, rejects with the
 * server's error text as soon as one of them fails, and never takes longer than the timeout.
 */
export async function exchange(
  { host, port, ca }: RespEndpoint,
  requests: readonly (readonly CommandArgument[])[],
  timeoutMs: number,
): Promise<RespValue> {
  const socket = ca === undefined ? connectTcp({ host, port }) : connectTls({ host, port, ca: readFileSync(ca) });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<RespValue>((resolve, reject) => {
      const fail = (text: string): void => reject(new Error(text));
      const cutter = new FrameCutter();
      let missing = requests.length;
      const read = (chunk: Buffer): void => {
        for (const reply of cutter.cut(chunk)) {
          if (reply[0] === '-'.charCodeAt(0)) fail(reply.toString('utf8', 1, reply.length - 2));
          missing -= 1;
          if (missing === 0) resolve(decodeFrame(reply).value);
        }
      };
      socket.on('data', (chunk: Buffer) => {
        try {
          read(chunk);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      socket.on('error', reject);
      socket.on('close', () => fail(`The server on port ${port} closed the connection`));
      timer = setTimeout(() => fail(`No reply from port ${port} within ${timeoutMs} ms`), timeoutMs);
      socket.write(Buffer.concat(requests.map((request) => encodeRequest(request))));
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
