import type { Line, Tone } from './text.ts';

export const HIDE_CURSOR = '\u001b[?25l';
export const SHOW_CURSOR = '\u001b[?25h';
export const CLEAR_TO_END_OF_LINE = '\u001b[K';
export const CLEAR_TO_END_OF_SCREEN = '\u001b[J';

const RESET = '\u001b[0m';
const STYLES: Readonly<Record<Tone, string>> = {
  bold: '\u001b[1m',
  dim: '\u001b[2m',
  good: '\u001b[32m',
  bad: '\u001b[31m',
  first: '\u001b[36m',
  second: '\u001b[35m',
};

export interface PaintOptions {
  readonly isColored: boolean;
  /** What does not fit is left out. */
  readonly columns?: number;
}

export function paint(line: Line, { isColored, columns = Infinity }: PaintOptions): string {
  let room = columns;
  let painted = '';
  for (const span of line) {
    const [tone, text] = typeof span === 'string' ? [undefined, span] : span;
    const visible = text.slice(0, room);
    room -= visible.length;
    painted += tone === undefined || !isColored ? visible : `${STYLES[tone]}${visible}${RESET}`;
  }
  return painted;
}

/** To the first column of the line that many rows above. */
export function moveUp(rows: number): string {
  return rows === 0 ? '\r' : `\r\u001b[${rows}A`;
}
