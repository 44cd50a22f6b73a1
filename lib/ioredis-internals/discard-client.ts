import type { Redis } from 'ioredis';
import { ResettableConnector, resetSocket } from './connector.ts';
import { internals } from './types.ts';

interface Discardable {
  disconnect?: unknown;
}

/** Ends a client at once: nothing that it wrote may arrive any more, and no timer of it may stay. */
export function discardClient(client: Discardable): void {
  if (typeof client.disconnect !== 'function') return;
  const target = internals(client as Redis);
  const { connector, stream } = target;
  // Without a listener ioredis prints what it has to say about the end.
  (client as Redis).on('error', () => undefined);
  target.manuallyClosing = true;
  if (connector instanceof ResettableConnector && target.status !== 'wait') connector.reset();
  else if (stream !== undefined) resetSocket(stream);
  else if (target.status !== 'end') (client as Redis).disconnect();
}
