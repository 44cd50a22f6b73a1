import type { Redis } from 'ioredis';
import { ResettableConnector, resetSocket } from './connector.ts';
import { internals } from './types.ts';

/** Ends a client at once: nothing that it wrote may arrive any more, and no timer of it may stay. */
export function discardClient(client: Redis): void {
  const target = internals(client);
  const { connector, stream } = target;
  // Without a listener ioredis prints what it has to say about the end.
  client.on('error', () => undefined);
  target.manuallyClosing = true;
  if (connector instanceof ResettableConnector && target.status !== 'wait') connector.reset();
  else if (stream !== undefined) resetSocket(stream);
  else if (target.status !== 'end') client.disconnect();
}
