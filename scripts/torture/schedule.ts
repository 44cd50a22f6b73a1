import { integerBelow, type Random, seededRandom } from '../../spec/support/checker/random.ts';

/** Faults of one endpoint that last for a time. */
export const LASTING_KINDS = [
  'kill',
  'refuse',
  'blackhole',
  'freeze',
  'delay',
  'swallow-replies',
  'loading',
  'replica',
  'misconf',
  'noreplicas',
] as const;

/** What begins and is over at once. */
const MOMENTARY_KINDS = ['reset', 'cut-reply', 'switch', 'replace', 'block', 'stop'] as const;

/** What consists of others, and wants to begin while all is well. */
const COMPOSED_KINDS = ['both', 'flapping', 'failback-fault', 'drain-fault'] as const;

export type LastingKind = (typeof LASTING_KINDS)[number];
export type FaultKind = LastingKind | (typeof MOMENTARY_KINDS)[number] | (typeof COMPOSED_KINDS)[number];

export const FAULT_KINDS: readonly FaultKind[] = [...LASTING_KINDS, ...MOMENTARY_KINDS, ...COMPOSED_KINDS];

/** Plain data, so that it can be printed. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** Of the two endpoints at the time of the fault. */
  readonly target: 'active' | 'standby';
  /** Since the beginning of its episode. */
  readonly afterMs: number;
  readonly forMs: number;
  /** In [0, 1), for whatever else is to be chosen. */
  readonly chance: number;
  /** Of a composed one. */
  readonly inner: LastingKind;
}

/** Faults that overlap, or may. */
export interface Episode {
  readonly faults: readonly PlannedFault[];
  /** Whether all has to be well before it begins. */
  readonly isCalmBefore: boolean;
  /** Before it begins. */
  readonly pauseMs: number;
}

const MOST_AT_A_TIME = 3;
/** A reply that is delayed by 1.5 s says nothing before. */
const LEAST_DELAY_MS = 1_800;

/** The episodes of a round, without an end: all kinds occur equally often, in an order that is the seed's. */
export function* schedule(seed: number, kinds: readonly FaultKind[] = FAULT_KINDS): Generator<Episode> {
  const random = seededRandom(seed);
  const deck: FaultKind[] = [];
  const draw = (): FaultKind => {
    if (deck.length === 0) deck.push(...shuffled(kinds, random));
    return deck.pop() ?? 'kill';
  };
  for (;;) {
    const first = draw();
    const isAlone = isComposed(first);
    const faults = [fault(first, random)];
    const count = isAlone ? 1 : 1 + Math.floor(random() ** 2 * MOST_AT_A_TIME);
    while (faults.length < count) {
      const next = draw();
      if (isComposed(next)) {
        deck.unshift(next);
        break;
      }
      faults.push(fault(next, random));
    }
    yield { faults, isCalmBefore: isAlone || random() < 0.5, pauseMs: integerBelow(random, 400) };
  }
}

export function isComposed(kind: FaultKind): boolean {
  return COMPOSED_KINDS.some((composed) => composed === kind);
}

function fault(kind: FaultKind, random: Random): PlannedFault {
  return {
    kind,
    target: random() < 0.8 ? 'active' : 'standby',
    afterMs: integerBelow(random, 700),
    forMs: durationOf(kind, random),
    chance: random(),
    inner: LASTING_KINDS[integerBelow(random, LASTING_KINDS.length)] ?? 'kill',
  };
}

function durationOf(kind: FaultKind, random: Random): number {
  if (kind === 'block') return 100 + integerBelow(random, 1_900);
  if (kind === 'stop') return 2_000 + integerBelow(random, 3_000);
  const isShort = random() < 0.5;
  const ms = 150 + integerBelow(random, isShort ? 500 : 2_300);
  return kind === 'delay' ? LEAST_DELAY_MS + Math.floor(ms / 3) : ms;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}
