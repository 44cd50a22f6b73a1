import type { RedisOptions } from 'ioredis';
import type { SubscriptionsMovedEvent } from './events.ts';
import type { GeoCore } from './geo-core.ts';
import type { PushedMessage } from './ioredis-internals/types.ts';

/** What one client's part is made of, and tells. */
export interface GeoClientSetup {
  readonly core: GeoCore;
  /** ioredis options of this client beyond those of the endpoints: what `duplicate(override)` was given. */
  readonly override: RedisOptions;
  readonly onReady: () => void;
  /** No endpoint can serve; tried again after so many milliseconds. */
  readonly onDown: (retryAfterMs: number) => void;
  readonly onEnd: () => void;
  readonly onSubscriptionsMoved: (moved: SubscriptionsMovedEvent) => void;
  /** For the `select` event of the application's client. */
  readonly onSelected: (database: number) => void;
  readonly onMessage: (message: PushedMessage) => void;
  /** For the `error` event of the application's client. */
  readonly onError: (error: Error) => void;
}
