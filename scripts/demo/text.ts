/** What a piece of text means; a terminal gives it a colour. The two endpoints have one each. */
export type Tone = 'bold' | 'dim' | 'good' | 'bad' | 'first' | 'second';

export type Span = string | readonly [tone: Tone, text: string];

/** One line, without escape codes. */
export type Line = readonly Span[];

export function textOf(line: Line): string {
  return line.map((span) => (typeof span === 'string' ? span : span[1])).join('');
}

/** `0.21 ms`, `8.7 ms`, `412 ms` */
export function formatMs(ms: number): string {
  if (Number.isNaN(ms)) return '- ms';
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

export function formatSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
