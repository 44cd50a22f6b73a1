import type { ClientConnections } from './client-connections.ts';
import { blockingMs } from './commands/blocking-commands.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { Connection } from './endpoints/connection.ts';
import type { GeoCore } from './geo-core.ts';

export interface RetirementSetup {
  readonly core: Pick<GeoCore, 'activeEndpointId' | 'options'>;
  readonly connections: Pick<ClientConnections, 'closeBeside' | 'replacedTo'>;
  readonly dispatcher: Dispatcher;
}

/** A connection is not the one to its endpoint any more. It is closed when everything was answered, or has had its time. */
export async function retireConnection(
  connection: Connection,
  { core, connections, dispatcher }: RetirementSetup,
): Promise<void> {
  dispatcher.state.interrupted(connection);
  const { unanswered } = await dispatcher.drained(connection, core.options.retry.deadlineMs);
  if (unanswered > 0) dispatcher.abandon(connection); // rare: replaced-endpoint-given-up
  connections.closeBeside(connection);
}

/**
 * What replaced the active endpoint may reach the same server, and brings what is called from now on there. Whatever is still
 * in flight to the one before would be overtaken: it is sent again before that, or not at all.
 */
export function giveUpOvertaken({ core, connections, dispatcher }: RetirementSetup): void {
  for (const connection of connections.replacedTo(core.activeEndpointId)) {
    // What blocks was called off, and comes back without an element.
    const isOvertaken = connection.inFlight().some(({ command }) => blockingMs(command) === 0);
    if (isOvertaken) dispatcher.abandon(connection); // rare: replaced-endpoint-left-without-all-answers
  }
}
