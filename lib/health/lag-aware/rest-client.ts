import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { LagAwareTls } from './lag-aware-options.ts';

/** More than any answer needs; whoever sends more is not the REST interface. */
const MOST_BYTES = 8 * 1024 * 1024;

/** For how long a connection that nobody uses is kept. */
const IDLE_MS = 30_000;

export interface RestRequest {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Of HTTP Basic. */
  readonly user: { readonly username?: string; readonly password: string };
  readonly signal: AbortSignal;
}

export interface RestResponse {
  readonly status: number;
  /** `undefined` for what is no JSON. */
  readonly body: unknown;
}

/** Asks REST interfaces, over connections that are kept. */
export class RestClient {
  readonly #agent: Agent;

  constructor({ ca, cert, key, passphrase, rejectUnauthorized, servername }: LagAwareTls) {
    this.#agent = new Agent({
      keepAlive: true,
      timeout: IDLE_MS,
      ...{ ca: ca as string[], cert: cert as string[], key: key as string[] },
      ...(passphrase !== undefined && { passphrase }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
      ...(servername !== undefined && { servername }),
    });
  }

  /** @throws Error of the connection; those of HTTP are answers. */
  async get(asked: RestRequest): Promise<RestResponse> {
    try {
      return await this.#get(asked);
    } catch (error) {
      // The other side may close a connection that was kept at the moment in which it is used again.
      if (error instanceof KeptConnectionLost) return this.#get(asked);
      throw error;
    }
  }

  #get({ host, port, path, user, signal }: RestRequest): Promise<RestResponse> {
    const authorization = Buffer.from(`${user.username ?? ''}:${user.password}`).toString('base64');
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Basic ${authorization}`, accept: 'application/json' };
      const asked = request({ host, port, path, headers, signal, agent: this.#agent }, (response) => {
        const { statusCode: status = 0 } = response;
        // Whoever repeats what it was sent must not get it into an event.
        const parsed = (text: string): unknown => parse(without(text, [authorization, user.password]));
        read(response).then((text) => resolve({ status, body: parsed(text) }), reject);
      });
      // A check must not keep the process alive.
      asked.on('socket', (socket) => socket.unref());
      asked.on('error', (error: NodeJS.ErrnoException) => {
        reject(asked.reusedSocket && error.code === 'ECONNRESET' ? new KeptConnectionLost(error.message) : error);
      });
      asked.end();
    });
  }
}

class KeptConnectionLost extends Error {}

/** To the end, so that the connection can be used again. */
async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function without(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => (secret === '' ? shown : shown.replaceAll(secret, '***')), text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
