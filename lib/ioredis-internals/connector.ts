import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, TLSSocket } from 'node:tls';
import { AbstractConnector } from 'ioredis';
import { toError } from '../errors.ts';
import { sharedLookup } from './shared-lookup.ts';

interface ConnectorOptions {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly family?: number;
  readonly tls?: ConnectionOptions;
  readonly disconnectTimeout?: number;
}

/**
 * ioredis's standalone connector, except that it keeps the TCP socket below TLS.
 *
 * An abandoned connection has to be reset, not closed: `end()` and `destroy()` do not recall what was written, and an
 * INCR given up during a partition was seen to run when it healed. A `TLSSocket` cannot be reset itself
 * (`ERR_INVALID_HANDLE_TYPE`).
 */
export class ResettableConnector extends AbstractConnector {
  readonly #options: ConnectorOptions;
  #tcp: Socket | undefined;

  constructor(options: unknown) {
    const connectorOptions = options as ConnectorOptions;
    super(connectorOptions.disconnectTimeout ?? 2000);
    this.#options = connectorOptions;
  }

  connect(): Promise<Socket> {
    this.connecting = true;
    // ioredis attaches its handlers when this promise resolves, so the socket must be younger than the promise.
    return new Promise((resolve, reject) => {
      process.nextTick(() => {
        if (!this.connecting) {
          reject(new Error('Connection is closed.'));
          return;
        }
        try {
          const stream = this.#open();
          this.stream = stream;
          stream.once('error', (error: Error) => {
            this.firstError = error;
          });
          resolve(stream);
        } catch (error) {
          reject(toError(error));
        }
      });
    });
  }

  #open(): Socket {
    const { path, host, port, family, tls } = this.#options;
    // As in ioredis, options of TLS may also say where to connect to, and how: `lookup`, `localAddress` …
    const options = { ...(path ? { path } : { host, port: port ?? 6379, family, lookup: sharedLookup }), ...tls };
    const tcp = connectTcp(options as NetConnectOpts);
    this.#tcp = tcp;
    return tls ? connectTls({ ...options, socket: tcp }) : tcp;
  }

  override disconnect(): void {
    // ioredis would arm a timer for a stream that is gone already, and the process would exit two seconds late.
    if ((this.stream as Socket | undefined)?.destroyed === true) {
      this.connecting = false;
      return;
    }
    super.disconnect();
  }

  /** Destroys the connection so that nothing which the other side has not read yet can reach it. */
  reset(): void {
    this.connecting = false;
    const stream = this.stream as Socket | undefined;
    // TLS passes its end on to the socket below.
    if (stream?.writableEnded === false) resetOnDestroy(this.#tcp);
    // From the top down: Node crashes when the socket below TLS goes first, in the moment in which the handshake is done.
    stream?.destroy();
    this.#tcp?.destroy();
  }
}

/**
 * Resets a TCP socket; whatever cannot be reset (a pipe, TLS, one that is still connecting or has been ended) is destroyed.
 *
 * `resetAndDestroy()` waits until everything is written, which in a partition is never. `destroy()` does not wait, and
 * resets when this flag of Node's own is set (Node 20 to 26).
 */
export function resetSocket(socket: Socket | undefined): void {
  resetOnDestroy(socket);
  socket?.destroy();
}

function resetOnDestroy(socket: Socket | undefined): void {
  // A socket whose end was sent cannot be reset any more: libuv refuses, and Node would leak the handle.
  if (socket === undefined || socket.destroyed || socket.connecting || socket.writableEnded) return;
  if (isTcp(socket)) (socket as { resetAndClosing?: boolean }).resetAndClosing = true;
}

/**
 * Bytes that a socket holds because the other side takes no more. Node's own socket timeout judges by the same figure
 * whether a write makes progress.
 */
export function queuedBytes(socket: Socket | undefined): number {
  const handle = (socket as { _handle?: { writeQueueSize?: number } } | undefined)?._handle;
  return handle?.writeQueueSize ?? socket?.writableLength ?? 0;
}

function isTcp(socket: Socket): boolean {
  return !(socket instanceof TLSSocket) && socket.remotePort !== undefined;
}
