import { Redis, type RedisOptions } from 'ioredis';

interface Emitter {
  /** Node's own: who listens. */
  _events: object;
}

/**
 * An ioredis instance that never connects by itself. It does not tell that it waits, as ioredis does in the next tick:
 * that is for its owner to tell, if it is so.
 */
export function createUnconnected(options: RedisOptions): Redis {
  const made: { client?: Redis & Emitter; listeners?: object } = {};
  // Right before the tick of that event, and right behind it.
  process.nextTick(() => {
    if (made.client === undefined) return;
    made.listeners = made.client._events;
    made.client._events = {};
  });
  const client = new Redis({ ...options, lazyConnect: true }) as Redis & Emitter;
  made.client = client;
  process.nextTick(() => {
    if (made.listeners !== undefined) client._events = made.listeners;
  });
  return client;
}
