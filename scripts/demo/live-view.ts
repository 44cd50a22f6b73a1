import type { WriteStream } from 'node:tty';
import type { HealthStatus } from '../../lib/index.ts';
import { CLEAR_TO_END_OF_LINE, CLEAR_TO_END_OF_SCREEN, HIDE_CURSOR, moveUp, paint, SHOW_CURSOR } from './ansi.ts';
import { drawLanes, LEGEND } from './lanes.ts';
import { formatMs, formatSeconds, type Line, type Span, textOf, type Tone } from './text.ts';
import { type DemoEvent, figuresOf, type Stage, type View } from './view.ts';

const FRAME_MS = 100;
const MARGIN = 2;
const TIME_WIDTH = 8;
const TONES: readonly Tone[] = ['first', 'second'];
const HEALTH_TONES: Readonly<Record<HealthStatus, Tone>> = { healthy: 'good', unhealthy: 'bad', unknown: 'dim' };
// Different shapes too, for whoever sees no colours.
const LIGHTS: Readonly<Record<HealthStatus, string>> = { healthy: '●', unhealthy: '○', unknown: '·' };

/** For terminals: events scroll by above a panel that is drawn anew ten times a second, each time in one write. */
export class LiveView implements View {
  readonly #output: WriteStream;
  readonly #isColored: boolean;
  #stage: Stage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #panel: Line[] = [];

  constructor(output: WriteStream, isColored: boolean) {
    this.#output = output;
    this.#isColored = isColored;
  }

  print(...lines: Line[]): void {
    this.#draw(lines);
  }

  event({ at, name, detail, tone }: DemoEvent): void {
    const time = formatSeconds(at - (this.#stage?.startedAt ?? at)).padStart(TIME_WIDTH);
    const line: Line = [['dim', time], '  ', [tone, name], ' ', detail];
    const parenthesis = detail.indexOf(' (');
    const folded: Line[] = [
      [['dim', time], '  ', [tone, name], ' ', detail.slice(0, parenthesis)],
      [`${' '.repeat(TIME_WIDTH)}  ${detail.slice(parenthesis + 1)}`],
    ];
    const fits = textOf(line).length < this.#columns || parenthesis < 0;
    this.#draw(fits ? [line] : folded);
  }

  follow(stage: Stage): void {
    this.#stage = stage;
    this.#output.write(HIDE_CURSOR);
    this.#timer = setInterval(() => this.#draw([]), FRAME_MS);
    this.#draw([]);
  }

  close(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw([]);
    // The last panel stays where it is.
    this.#stage = undefined;
    this.#panel = [];
    this.#output.write(SHOW_CURSOR);
  }

  get #columns(): number {
    return this.#output.columns || 80;
  }

  #draw(above: readonly Line[]): void {
    const columns = this.#columns;
    const rowsToPanel = this.#panel.reduce((rows, line) => rows + rowsOf(line, columns), 0);
    this.#panel = this.#stage === undefined ? [] : this.#panelOf(this.#stage);
    const painted = [
      ...above.map((line) => paint(line, { isColored: this.#isColored })),
      ...this.#panel.map((line) => paint(line, { isColored: this.#isColored, columns: columns - 1 })),
    ];
    const text = painted.map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`).join('');
    this.#output.write(`${moveUp(rowsToPanel)}${text}${CLEAR_TO_END_OF_SCREEN}`);
  }

  #panelOf(stage: Stage): Line[] {
    const now = performance.now();
    const endpoints = stage.endpoints();
    const tones = new Map(endpoints.map(({ id }, index) => [id, TONES[index] ?? 'bold']));
    const label = Math.max(...endpoints.map(({ id }) => id.length));
    const indent = ' '.repeat(MARGIN);
    // Margin, health, a space, the name, two spaces; and one column that stays empty.
    const before = MARGIN + 2 + label + 2;
    const { lanes, axis } = drawLanes(stage, tones, Math.max(10, this.#columns - before - 1), now);
    const { opsPerSecond, p50, p99, errors } = figuresOf(stage, now);
    const active = endpoints.find(({ isActive }) => isActive)?.id ?? '';
    return [
      [],
      ...endpoints.map(({ id, isActive, health }): Line => {
        const name: Span = isActive ? [tones.get(id) ?? 'bold', id.padEnd(label)] : id.padEnd(label);
        return [indent, [HEALTH_TONES[health], LIGHTS[health]], ' ', name, '  ', ...(lanes.get(id) ?? [])];
      }),
      [' '.repeat(before), ['dim', axis]],
      [],
      [indent, ['dim', LEGEND]],
      [],
      [
        indent,
        ['bold', String(opsPerSecond).padStart(3)],
        ' ops/s   p50 ',
        ['bold', formatMs(p50).padStart(7)],
        '   p99 ',
        ['bold', formatMs(p99).padStart(7)],
        '   errors ',
        [errors === 0 ? 'good' : 'bad', String(errors)],
      ],
      [
        indent,
        'active ',
        [tones.get(active) ?? 'bold', active],
        ...endpoints.flatMap(({ id, health }): Span[] => [`   ${id} `, [HEALTH_TONES[health], health]]),
      ],
      [indent, ['dim', stage.caption()]],
    ];
  }
}

/** A line takes more rows than one after the terminal has become narrower than it is. */
function rowsOf(line: Line, columns: number): number {
  return Math.max(1, Math.ceil(textOf(line).length / columns));
}
