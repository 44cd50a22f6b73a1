import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import type { CommandOptions } from '../options/command-options.ts';
import type { ResolvedOptions } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';
import type { ConnectionStateSetup } from './connection-state.ts';

/** What the command way of one client rests on. */
export interface DispatcherSetup extends CommandOptions {
  readonly view: ActiveEndpointView;
  readonly options: Pick<ResolvedOptions, 'retry' | 'failover' | 'topology'>;
  readonly clock: Clock;
  /** The client's connection to an endpoint. */
  readonly connectionTo: (endpointId: string) => Connection | undefined;
  /** Asks an endpoint something over another connection than those of commands. */
  readonly ask: (endpointId: string, name: string, args: readonly string[]) => Promise<unknown>;
  /** A command comes after a pause in which nobody watched: what is in flight has to be watched again. */
  readonly onWake: () => void;
  readonly onSelected: ConnectionStateSetup['onSelected'];
  readonly onSubscriptionsMoved: ConnectionStateSetup['onSubscriptionsMoved'];
  readonly onStateRefused: ConnectionStateSetup['onStateRefused'];
  readonly onBackoffFailed: ConnectionStateSetup['onBackoffFailed'];
  /** The application sent QUIT. */
  readonly onQuit: (command: IoredisCommand) => void;
}
