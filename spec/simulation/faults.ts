import { integerBelow, type Random, weightedChoice } from '../support/checker/random.ts';

/** What lasts for a while. */
const LASTING = {
  kill: 4,
  refuse: 3,
  'swallow-all': 4,
  'swallow-replies': 4,
  freeze: 4,
  slow: 2,
  /** One connection brings nothing any more, although its server answers others. */
  'silent-connection': 3,
  loading: 3,
  replica: 3,
  misconf: 2,
  noreplicas: 2,
  oom: 2,
  busy: 2,
  flickering: 4,
  maxclients: 2,
  /** No server can be reached. */
  blackout: 2,
  /** The process itself is stopped. */
  'stop-process': 3,
} as const;

/** Moments at which a connection breaks. */
const CUTS = {
  reset: 4,
  'cut-requests': 5,
  'cut-replies': 5,
  'cut-messages': 8,
  'cut-before-command': 3,
  'cut-behind-command': 3,
} as const;

/** What the application does meanwhile. */
const ACTIONS = {
  switch: 5,
  'force-switch': 2,
  weights: 2,
  'add-or-remove': 3,
  replace: 4,
  update: 4,
  reconnect: 1,
} as const;

export type LastingFault = keyof typeof LASTING;
export type CutFault = keyof typeof CUTS;
export type ApplicationAction = keyof typeof ACTIONS;
export type FaultKind = LastingFault | CutFault | ApplicationAction;

/** Plain data, so that a schedule can be printed, and made shorter. */
export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  /** Number of the server. */
  readonly target: number;
  /** `0` for a moment. */
  readonly forMs: number;
  /** Where a connection is cut: behind so many bytes, or requests of which so many are answered, or at a command. */
  readonly bytes: number;
  readonly requests: number;
  readonly replies: number;
  readonly command: string;
}

/** Some are over before anybody notices. */
const LONGEST_MS = [20, 400, 400, 3_500, 3_500];

const CUT_AT = [
  'EXEC',
  'MULTI',
  'INCR',
  'SET',
  'BLPOP',
  'WATCH',
  'SELECT',
  'SUBSCRIBE',
  'EVAL',
  'PING',
  'INFO',
  'HELLO',
];

/** Faults between two moments, any of them at any time, so that they overlap as well. */
export function faultsOf(random: Random, count: number, fromMs: number, untilMs: number, servers: number): Fault[] {
  const choose = weightedChoice<FaultKind>({ ...LASTING, ...CUTS, ...ACTIONS });
  const draw = (): Fault => {
    const kind = choose(random);
    const atMs = fromMs + Math.floor(random() * (untilMs - fromMs));
    const lasts = LONGEST_MS[integerBelow(random, LONGEST_MS.length)] ?? 0;
    const longest = Math.min(untilMs - atMs, kind === 'blackout' ? 3 * lasts : lasts);
    const requests = integerBelow(random, random() < 0.5 ? 4 : 40);
    return {
      kind,
      atMs,
      target: integerBelow(random, servers),
      forMs: isLasting(kind) ? 1 + Math.floor(random() * longest) : 0,
      bytes: integerBelow(random, 300),
      requests,
      replies: integerBelow(random, requests + 1),
      command: CUT_AT[integerBelow(random, CUT_AT.length)] ?? 'EXEC',
    };
  };
  const faults = Array.from({ length: count }, draw);
  const companions = faults.flatMap((fault) =>
    fault.kind === 'switch' && random() < 0.5 ? silenceAround(fault, random, servers) : [],
  );
  return [...faults, ...companions].sort((a, b) => a.atMs - b.atMs);
}

/** Another server falls silent just before a switch, and loses a connection behind it: with what the switch interrupted. */
function silenceAround(fault: Fault, random: Random, servers: number): Fault[] {
  const target = (fault.target + 1 + integerBelow(random, servers - 1)) % servers;
  const atMs = Math.max(0, fault.atMs - 1 - integerBelow(random, 10));
  const forMs = 50 + integerBelow(random, 400);
  return [
    { ...fault, kind: 'swallow-replies', target, atMs, forMs },
    { ...fault, kind: 'reset', target, atMs: atMs + integerBelow(random, forMs) },
  ];
}

export function isLasting(kind: FaultKind): kind is LastingFault {
  return kind in LASTING;
}

export function isCut(kind: FaultKind): kind is CutFault {
  return kind in CUTS;
}

export function isAction(kind: FaultKind): kind is ApplicationAction {
  return kind in ACTIONS;
}

export function describeFault({ kind, target, atMs, forMs, bytes, requests, replies, command }: Fault): string {
  const details: Partial<Record<FaultKind, string>> = {
    'cut-requests': `behind ${bytes} bytes`,
    'cut-replies': `behind ${bytes} bytes`,
    'cut-messages': `behind ${requests} requests and ${replies} replies`,
    'cut-before-command': command,
    'cut-behind-command': command,
  };
  const detail = details[kind] ?? (forMs > 0 ? `for ${forMs} ms` : '');
  return `${kind} of ${'abc'[target] ?? target} at ${atMs} ms ${detail}`.trimEnd();
}
