import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import type { ResolvedOptions } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';

/** What the command way of one client rests on. */
export interface DispatcherSetup {
  readonly view: ActiveEndpointView;
  readonly options: Pick<ResolvedOptions, 'retry' | 'failover'>;
  readonly clock: Clock;
  /** ioredis's option: further attempts per command; `null` for no limit on attempts or time. */
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeoutMs: number | undefined;
  /** The client's connection to an endpoint. */
  readonly connectionTo: (endpointId: string) => Connection | undefined;
  /** A command comes after a pause in which nobody watched: what is in flight has to be watched again. */
  readonly onWake: () => void;
  /** The application sent QUIT. */
  readonly onQuit: (command: IoredisCommand) => void;
}
