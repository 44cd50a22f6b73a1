import type { Spikes } from './types.ts';

export type LaneItem =
  { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'end' } | { readonly kind: 'reset' };

interface InFlight {
  readonly item: LaneItem;
  due: number;
}

/**
 * One direction of a connection: a delay line that leads to a gate. What arrives at the open gate is delivered,
 * what arrives at the closed gate is held until it opens or until the held items are dropped. Order is kept.
 * A gate with a limit of bytes closes itself when they are through.
 */
export class Lane {
  readonly #deliver: (item: LaneItem) => void;
  readonly #onDelayedArrival: () => void;
  #inFlight: InFlight[] = [];
  #held: LaneItem[] = [];
  #open = true;
  #delayMs = 0;
  #dripMs = 0;
  #spikes: Spikes = { share: 0, ms: 0 };
  #limit = Infinity;
  #delivered = 0;
  #notBefore = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deliver: (item: LaneItem) => void, onDelayedArrival: () => void) {
    this.#deliver = deliver;
    this.#onDelayedArrival = onDelayedArrival;
  }

  get heldBytes(): number {
    return this.#held.reduce((sum, item) => sum + sizeOf(item), 0);
  }

  /** Nothing has been on its way before this moment (of performance.now()). */
  set notBefore(moment: number) {
    this.#notBefore = moment;
  }

  /** A shorter delay also speeds up what is under way already, as far as its order allows; so does the end of a drip. */
  setPace(delayMs: number, dripMs: number): void {
    this.#delayMs = delayMs;
    this.#dripMs = dripMs;
    const latest = this.#due();
    if (dripMs === 0) for (const inFlight of this.#inFlight) inFlight.due = Math.min(inFlight.due, latest);
    this.#schedule();
  }

  /** For what arrives from now on. */
  set spikes(spikes: Spikes) {
    this.#spikes = spikes;
  }

  /** How many bytes are let through, from the beginning of the connection. */
  set limit(bytes: number) {
    this.#limit = bytes;
  }

  push(item: LaneItem): void {
    if (this.#dripMs > 0 && sizeOf(item) > 1) {
      for (const bytes of bytesIn(item)) this.#travel({ kind: 'bytes', bytes });
    } else this.#travel(item);
  }

  closeGate(): void {
    this.#open = false;
  }

  /** Delivers what was held and lets everything later pass; tells how many bytes it delivered. */
  openGate(): number {
    const bytes = this.heldBytes;
    this.#open = true;
    for (const item of this.#held.splice(0)) this.#arrive(item);
    return bytes - this.heldBytes;
  }

  /** Forgets what is held and what is under way; tells how many bytes that were. */
  drop(): number {
    const items = [...this.#held, ...this.#inFlight.map(({ item }) => item)];
    this.#held = [];
    this.#inFlight = [];
    this.#schedule();
    return items.reduce((sum, item) => sum + sizeOf(item), 0);
  }

  #due(): number {
    return Math.max(performance.now(), this.#notBefore) + this.#delayMs;
  }

  #travel(item: LaneItem): void {
    const due = this.#due() + (Math.random() < this.#spikes.share ? this.#spikes.ms : 0);
    const last = this.#inFlight.at(-1)?.due ?? (this.#dripMs > 0 ? performance.now() : undefined);
    if (last === undefined && due <= performance.now()) {
      this.#arrive(item);
      return;
    }
    this.#inFlight.push({ item, due: Math.max(due, (last ?? 0) + this.#dripMs) });
    this.#schedule();
  }

  #arrive(item: LaneItem): void {
    const isOpen = this.#open && this.#held.length === 0;
    const left = this.#limit - this.#delivered;
    if (!isOpen || (left <= 0 && this.#limit !== Infinity)) {
      this.#held.push(item);
      return;
    }
    if (item.kind === 'bytes' && item.bytes.length > left) {
      this.#arrive({ kind: 'bytes', bytes: item.bytes.subarray(0, left) });
      this.#held.push({ kind: 'bytes', bytes: item.bytes.subarray(left) });
      return;
    }
    this.#delivered += sizeOf(item);
    this.#deliver(item);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const next = this.#inFlight[0];
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#flush(), Math.max(Math.ceil(next.due - performance.now()), 0));
  }

  #flush(): void {
    // A timer may fire a fraction of a millisecond early; what is not due yet waits for another one.
    for (let next = this.#inFlight[0]; next !== undefined && next.due <= performance.now(); next = this.#inFlight[0]) {
      this.#inFlight.shift();
      this.#arrive(next.item);
    }
    this.#onDelayedArrival();
    this.#schedule();
  }
}

function bytesIn(item: LaneItem): Buffer[] {
  if (item.kind !== 'bytes') return [];
  return Array.from(item.bytes, (_, index) => item.bytes.subarray(index, index + 1));
}

function sizeOf(item: LaneItem): number {
  return item.kind === 'bytes' ? item.bytes.length : 0;
}
