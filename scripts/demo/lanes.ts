import type { Line, Span, Tone } from './text.ts';
import type { Stage } from './view.ts';

export const LEGEND = '█ serves  ─ stands by  ✗ killed  ╌ dead  ▲ restarted';

const LEAST_CELL_MS = 250;
const CELL_STEP_MS = 50;
/** A cell that has just begun says nothing yet. */
const SETTLING_MS = 50;
const TICK_SECONDS = [1, 2, 5, 10, 30, 60];
const LEAST_TICK_CELLS = 7;

/** Which endpoint served when: a lane per endpoint, drawn in cells of equal length. */
export interface Lanes {
  readonly lanes: ReadonlyMap<string, Line>;
  readonly axis: string;
}

export function drawLanes(stage: Stage, endpoints: ReadonlyMap<string, Tone>, cells: number, now: number): Lanes {
  const shownMs = Math.max(stage.totalMs, now - stage.startedAt);
  // Longer cells on a narrow terminal, so that the whole story stays in sight.
  const cellMs = Math.max(LEAST_CELL_MS, Math.ceil(shownMs / cells / CELL_STEP_MS) * CELL_STEP_MS);
  const cellAt = (at: number): number => Math.floor((at - stage.startedAt) / cellMs);
  const begun = cellAt(now - SETTLING_MS) + 1;
  const served = servedCells(stage, cellAt);
  const laneOf = (id: string, tone: Tone): Line => {
    const outages = stage.outages.filter(({ endpointId }) => endpointId === id);
    const marks = new Map<number, Span>();
    for (const { from, to } of outages) {
      marks.set(cellAt(from), ['bad', '✗']);
      if (to !== undefined) marks.set(cellAt(to), ['good', '▲']);
    }
    const isDown = (cell: number): boolean =>
      outages.some(({ from, to = Infinity }) => cell > cellAt(from) && cell < cellAt(to));
    const drawCell = (cell: number): Span => {
      const mark = marks.get(cell);
      if (mark !== undefined) return mark;
      if (served.get(id)?.has(cell) === true) return [tone, '█'];
      return isDown(cell) ? ['bad', '╌'] : ['dim', '─'];
    };
    return joinEqual(Array.from({ length: Math.min(begun, cells) }, (_, cell) => drawCell(cell)));
  };
  return {
    lanes: new Map([...endpoints].map(([id, tone]) => [id, laneOf(id, tone)])),
    axis: drawAxis(cells, cellMs),
  };
}

function servedCells(stage: Stage, cellAt: (at: number) => number): Map<string, Set<number>> {
  const served = new Map<string, Set<number>>();
  for (const { status, endpoint, settledAt } of stage.history) {
    if (status !== 'ok' || endpoint === undefined || settledAt === undefined) continue;
    const cells = served.get(endpoint) ?? new Set();
    served.set(endpoint, cells.add(cellAt(settledAt)));
  }
  return served;
}

function joinEqual(spans: readonly Span[]): Line {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    const isSame = typeof last === 'object' && typeof span === 'object' && last[0] === span[0];
    if (isSame) joined[joined.length - 1] = [span[0], last[1] + span[1]];
    else joined.push(span);
  }
  return joined;
}

function drawAxis(cells: number, cellMs: number): string {
  const seconds =
    TICK_SECONDS.find((each) => (each * 1_000) / cellMs >= LEAST_TICK_CELLS) ??
    Math.ceil((LEAST_TICK_CELLS * cellMs) / 1_000);
  let axis = '';
  for (let second = 0; ; second += seconds) {
    const extended = `${axis.padEnd(Math.round((second * 1_000) / cellMs))}${second} s`;
    if (extended.length > cells) return axis;
    axis = extended;
  }
}
