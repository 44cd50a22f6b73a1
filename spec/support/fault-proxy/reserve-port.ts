import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';

const host = '127.0.0.1';
const attempts = 20;

export interface ReservedPort {
  readonly port: number;
  /** Gives the port back; idempotent. */
  release(): void;
}

let sink: Promise<Server> | undefined;

/**
 * A free port of 127.0.0.1 which stays ours while nobody listens on it, so that a server can be stopped and
 * started again on it. Without that, any other process may be given the port in between.
 */
export async function reservePort(): Promise<ReservedPort> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    // Other systems do not let a listener share its port with a mere connection; there, luck has to do.
    if (process.platform !== 'linux') return { port, release: () => undefined };
    try {
      return await occupy(port);
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * An open connection FROM the port: the kernel gives the port to nobody else (neither by bind(0) nor as the
 * source of a connection, which also rules out clients that connect to themselves), refuses connections to
 * it while nobody listens, and still lets a server with SO_REUSEADDR listen on it.
 */
async function occupy(port: number): Promise<ReservedPort> {
  sink ??= openSink();
  const { port: sinkPort } = (await sink).address() as AddressInfo;
  const socket = connect({ port: sinkPort, host, localAddress: host, localPort: port });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.unref();
  // A reset leaves no TIME_WAIT behind.
  const release = (): void => {
    if (!socket.destroyed) socket.resetAndDestroy();
  };
  return { port, release };
}

async function openSink(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume().unref();
  }).listen(0, host);
  await once(server, 'listening');
  server.unref();
  return server;
}
