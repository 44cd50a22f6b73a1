import type { ClientConnections } from './client-connections.ts';
import { blockingMs } from './commands/blocking-commands.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { Connection } from './endpoints/connection.ts';
import type { GeoCore } from './geo-core.ts';

export interface RetirementSetup {
  readonly core: Pick<GeoCore, 'activeEndpointId' | 'options'>;
  readonly connections: Pick<ClientConnections, 'closeBeside'>;
  readonly dispatcher: Dispatcher;
}

/**
 * A connection is not the one to its endpoint any more. What replaces it may reach the same server, and brings what is called
 * from now on there: whatever was not answered in time would be overtaken, and is sent again before that, or not at all.
 */
export async function retireConnection(
  connection: Connection,
  { core, connections, dispatcher }: RetirementSetup,
): Promise<void> {
  dispatcher.state.interrupted(connection);
  const isActive = connection.endpointId === core.activeEndpointId;
  // What blocks has been called off, and comes back without an element.
  const isOvertaken = isActive && connection.inFlight().some(({ command }) => blockingMs(command) === 0);
  if (isOvertaken) dispatcher.abandon(connection); // rare: replaced-endpoint-left-without-all-answers
  const { unanswered } = await dispatcher.drained(connection, core.options.retry.deadlineMs);
  if (unanswered > 0) dispatcher.abandon(connection); // rare: replaced-endpoint-given-up
  connections.closeBeside(connection);
}
