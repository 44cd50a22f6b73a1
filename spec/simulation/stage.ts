import { integerBelow, type Random } from '../support/checker/random.ts';
import { type ApplicationAction, type CutFault, type Fault, isAction, isCut, isLasting } from './faults.ts';
import type { Link } from './link.ts';
import type { ModelServer } from './model-server.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface FaultStage {
  readonly servers: readonly ModelServer[];
  readonly network: SimulatedNetwork;
  readonly time: VirtualTime;
  readonly random: Random;
  /** Has the application do something. */
  readonly act: (action: ApplicationAction, fault: Fault) => void;
}

/** Brings faults about when they are due, and ends them. */
export function stage(faults: readonly Fault[], setup: FaultStage): void {
  const { world } = setup.time;
  for (const fault of faults) {
    const { kind, atMs, forMs } = fault;
    if (isAction(kind)) setTimeout(() => setup.act(kind, fault), atMs);
    else if (isLasting(kind)) lasting(fault, setup, (ms, then) => void world.after(ms, then));
    else if (isCut(kind)) world.after(atMs, () => cut(kind, fault, setup));
    else throw new Error(`${String(kind)} for ${forMs} ms is no fault`);
  }
}

type At = (ms: number, then: () => void) => void;

function lasting(fault: Fault, { servers, network, time, random }: FaultStage, at: At): void {
  const { kind, atMs, forMs, target } = fault;
  const server = servers[target];
  if (server === undefined) return;
  const during = (begin: () => void, end: () => void): void => {
    at(atMs, begin);
    at(atMs + forMs, end);
  };
  switch (kind) {
    case 'kill':
      return during(
        () => server.kill(),
        () => server.start(),
      );
    case 'freeze':
      return during(
        () => server.freeze(),
        () => server.thaw(),
      );
    case 'refuse':
    case 'swallow-all':
    case 'swallow-replies': {
      const path = kind === 'refuse' ? 'refused' : kind === 'swallow-all' ? 'swallows-all' : 'swallows-replies';
      return during(
        () => network.setPath(server, path),
        () => network.setPath(server, 'open'),
      );
    }
    case 'slow':
      return during(
        () => network.setDelay(server, 10 + random() * 150),
        () => network.setDelay(server, 0),
      );
    case 'silent-connection': {
      let link: Link | undefined;
      return during(
        () => {
          link = chooseLink(network.linksTo(server), random);
          if (link !== undefined) link.isSilent = true;
        },
        () => {
          if (link !== undefined) link.isSilent = false;
        },
      );
    }
    case 'blackout':
      return during(
        () => servers.forEach((each) => network.setPath(each, 'swallows-all')),
        () => servers.forEach((each) => network.setPath(each, 'open')),
      );
    case 'stop-process':
      return at(atMs, () => time.stopProcess(forMs));
    default:
      return during(
        () => void (server.mode = kind as ModelServer['mode']),
        () => void (server.mode = 'normal'),
      );
  }
}

function cut(kind: CutFault, fault: Fault, { servers, network, random }: FaultStage): void {
  const { target, bytes, requests, replies, command } = fault;
  const server = servers[target];
  if (server === undefined) return;
  if (kind === 'cut-before-command' || kind === 'cut-behind-command') {
    return server.cutAt({ name: command, isExecuted: kind === 'cut-behind-command' });
  }
  const link = chooseLink(network.linksTo(server), random);
  if (kind === 'reset') link?.reset();
  else if (kind === 'cut-requests') link?.cutRequests(bytes);
  else if (kind === 'cut-replies') link?.cutReplies(bytes);
  else link?.cutMessages(requests, replies);
}

/** Most often the one over which most was received: the connection of the load. */
function chooseLink(links: readonly Link[], random: Random): Link | undefined {
  if (random() < 0.6) return links[integerBelow(random, links.length)];
  return links.reduce<Link | undefined>(
    (most, link) => (most === undefined || link.socket.bytesRead > most.socket.bytesRead ? link : most),
    undefined,
  );
}

/** Nothing is wrong any more. */
export function heal({ servers, network }: Pick<FaultStage, 'servers' | 'network'>): void {
  for (const server of servers) {
    server.mode = 'normal';
    server.cutAt(undefined);
    if (!server.isRunning) server.start();
    if (server.isFrozen) server.thaw();
    network.setPath(server, 'open');
    network.setDelay(server, 0);
    for (const link of network.linksTo(server)) link.mend();
  }
}
