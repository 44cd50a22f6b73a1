import { integerBelow, type Random, weightedChoice } from '../support/checker/random.ts';
import type { ModelServer } from './model-server.ts';
import type { Link, SimulatedNetwork } from './simulated-network.ts';

/** Faults that last, and moments. */
export type FaultKind =
  | 'kill'
  | 'refuse'
  | 'swallow-all'
  | 'swallow-replies'
  | 'freeze'
  | 'loading'
  | 'replica'
  | 'reset'
  | 'cut-requests'
  | 'cut-replies'
  | 'switch';

/** Plain data, so that a schedule can be printed, and made shorter. */
export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  /** Number of the server. */
  readonly target: number;
  /** `0` for a moment. */
  readonly forMs: number;
  /** Where a connection is cut. */
  readonly bytes: number;
}

const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  kill: 4,
  refuse: 3,
  'swallow-all': 4,
  'swallow-replies': 4,
  freeze: 4,
  loading: 3,
  replica: 3,
  reset: 6,
  'cut-requests': 8,
  'cut-replies': 8,
  switch: 5,
};

const MOMENTS: ReadonlySet<FaultKind> = new Set(['reset', 'cut-requests', 'cut-replies', 'switch']);

export const FAULT_KINDS = Object.keys(WEIGHTS) as readonly FaultKind[];

/** Faults between two moments, any of them at any time, so that they overlap as well. */
export function faultsOf(random: Random, count: number, fromMs: number, untilMs: number): Fault[] {
  const choose = weightedChoice(WEIGHTS);
  const faults = Array.from({ length: count }, (): Fault => {
    const kind = choose(random);
    const atMs = fromMs + Math.floor(random() * (untilMs - fromMs));
    const longest = Math.min(untilMs - atMs, random() < 0.5 ? 400 : 3_000);
    return {
      kind,
      atMs,
      target: integerBelow(random, 2),
      forMs: MOMENTS.has(kind) ? 0 : 1 + Math.floor(random() * longest),
      bytes: integerBelow(random, 300),
    };
  });
  return faults.sort((a, b) => a.atMs - b.atMs);
}

export interface FaultStage {
  readonly servers: readonly ModelServer[];
  readonly network: SimulatedNetwork;
  readonly random: Random;
  readonly switchTo: (name: string) => void;
}

/** Brings faults about when they are due, and ends them. */
export function stage(faults: readonly Fault[], { servers, network, random, switchTo }: FaultStage): void {
  const begin = (fault: Fault): void => {
    const server = servers[fault.target];
    if (server === undefined) return;
    switch (fault.kind) {
      case 'kill':
        return server.kill();
      case 'freeze':
        return server.freeze();
      case 'refuse':
        return network.setPath(server, 'refused');
      case 'swallow-all':
        return network.setPath(server, 'swallows-all');
      case 'swallow-replies':
        return network.setPath(server, 'swallows-replies');
      case 'loading':
      case 'replica':
        server.mode = fault.kind;
        return;
      case 'switch':
        return switchTo(server.name);
      default:
        return touch(fault, network.linksTo(server), random);
    }
  };
  for (const fault of faults) {
    setTimeout(() => begin(fault), fault.atMs);
    if (fault.forMs > 0) setTimeout(() => end(fault, servers[fault.target], network), fault.atMs + fault.forMs);
  }
}

function touch({ kind, bytes }: Fault, links: readonly Link[], random: Random): void {
  const link = links[integerBelow(random, links.length)];
  if (kind === 'reset') link?.reset();
  else if (kind === 'cut-requests') link?.cutRequests(bytes);
  else link?.cutReplies(bytes);
}

function end({ kind }: Fault, server: ModelServer | undefined, network: SimulatedNetwork): void {
  if (server === undefined) return;
  if (kind === 'kill') server.start();
  else if (kind === 'freeze') server.thaw();
  else if (kind === 'loading' || kind === 'replica') server.mode = 'normal';
  else network.setPath(server, 'open');
}

/** Nothing is wrong any more. */
export function heal(servers: readonly ModelServer[], network: SimulatedNetwork): void {
  for (const server of servers) {
    server.mode = 'normal';
    if (!server.isRunning) server.start();
    if (server.isFrozen) server.thaw();
    network.setPath(server, 'open');
  }
}
