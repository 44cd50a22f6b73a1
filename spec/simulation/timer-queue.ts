/** Something that is due at a time. */
export class Task {
  at: number;
  /** Of those that are due at the same time the first that was set comes first. */
  order: number;
  run: () => void;
  isCancelled = false;

  constructor(at: number, order: number, run: () => void) {
    this.at = at;
    this.order = order;
    this.run = run;
  }

  isBefore(other: Task): boolean {
    return this.at < other.at || (this.at === other.at && this.order < other.order);
  }
}

/** Tasks by when they are due: a binary heap, in which cancelled ones stay until they come up. */
export class TimerQueue {
  readonly #heap: Task[] = [];

  /** How many are set. */
  get size(): number {
    return this.#heap.reduce((count, { isCancelled }) => (isCancelled ? count : count + 1), 0);
  }

  /** The one that is due next. */
  get first(): Task | undefined {
    while (this.#heap[0]?.isCancelled === true) this.#removeFirst();
    return this.#heap[0];
  }

  add(task: Task): void {
    const heap = this.#heap;
    let place = heap.push(task) - 1;
    for (;;) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (place === 0 || above === undefined || above.isBefore(task)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = task;
  }

  takeFirst(): Task | undefined {
    const { first } = this;
    if (first !== undefined) this.#removeFirst();
    return first;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      if (left === undefined) break;
      const isRight = right?.isBefore(left) === true;
      const child = isRight ? right : left;
      if (last.isBefore(child)) break;
      heap[place] = child;
      place = 2 * place + (isRight ? 2 : 1);
    }
    heap[place] = last;
  }
}
