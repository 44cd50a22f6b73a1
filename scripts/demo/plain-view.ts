import { formatMs, formatSeconds, type Line, textOf } from './text.ts';
import { type DemoEvent, figuresOf, type Stage, type View } from './view.ts';

const REPORT_EVERY_MS = 1_000;

/** For logs and pipes: a line per second and a line per event, without escape codes. */
export class PlainView implements View {
  readonly #output: NodeJS.WritableStream;
  #stage: Stage | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: NodeJS.WritableStream) {
    this.#output = output;
  }

  print(...lines: Line[]): void {
    for (const line of lines) this.#output.write(`${textOf(line)}\n`);
  }

  event({ at, name, detail }: DemoEvent): void {
    this.print([`${this.#time(at)}  * ${name} ${detail}`]);
  }

  follow(stage: Stage): void {
    this.#stage = stage;
    this.#timer = setInterval(() => this.#report(stage), REPORT_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #report(stage: Stage): void {
    const now = performance.now();
    const { opsPerSecond, p50, p99, errors } = figuresOf(stage, now);
    const endpoints = stage.endpoints();
    const active = endpoints.find(({ isActive }) => isActive)?.id ?? 'none';
    const figures = `${opsPerSecond} ops/s, p50 ${formatMs(p50)}, p99 ${formatMs(p99)}, errors ${errors}`;
    const health = endpoints.map(({ id, health }) => `${id} ${health}`).join(', ');
    this.print([`${this.#time(now)}    active ${active}: ${figures} | ${health}`]);
  }

  #time(at: number): string {
    return formatSeconds(at - (this.#stage?.startedAt ?? at)).padStart(8);
  }
}
