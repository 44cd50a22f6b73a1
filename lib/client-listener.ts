import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { Connection, ConnectionListener } from './endpoints/connection.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { GeoClientSetup } from './geo-client-setup.ts';

export interface ListeningClient {
  readonly dispatcher: Dispatcher;
  /** To the active endpoint. */
  readonly connection: Connection | undefined;
  readonly isClosed: boolean;
  /** Decides anew whether commands flow, and tells the application. */
  refresh(): void;
}

/** What a client does about whatever happens on its connections to an endpoint. */
export function clientListener(
  endpoint: Endpoint,
  client: ListeningClient,
  { core, onMessage }: Pick<GeoClientSetup, 'core' | 'onMessage'>,
): ConnectionListener {
  const { dispatcher } = client;
  return {
    ready: (connection) => {
      core.readinessChanged(endpoint.id);
      // Something may be asked of it before any command goes there.
      core.wake();
      dispatcher.blocked.identify(connection);
      client.refresh();
    },
    lost: (connection, items) => {
      dispatcher.state.interrupted(connection);
      dispatcher.lost(connection, items);
      core.readinessChanged(endpoint.id);
    },
    refused: dispatcher.refused.bind(dispatcher),
    errorReply: dispatcher.errorReply.bind(dispatcher),
    pushed: (connection, message) => {
      // One that was left, or replaced, tells the same as its successor.
      if (connection !== client.connection || client.isClosed) return;
      if (dispatcher.state.hears(message)) onMessage(message);
    },
  };
}
