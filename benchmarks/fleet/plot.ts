import type { FleetFigures } from './fleet-run.ts';
import type { FleetResult } from './report.ts';

const WIDTH = 460;
const HEIGHT = 190;
const MARGIN = { left: 52, right: 14, top: 34, bottom: 30 };
const COLOURS = ['#c0392b', '#2471a3', '#1e8449', '#7d3c98'];

interface Quantity {
  readonly title: string;
  readonly of: (series: FleetFigures['series']) => readonly number[];
}

const QUANTITIES: readonly Quantity[] = [
  {
    title: 'switches per second',
    of: ({ failovers, failbacks }) => failovers.map((count, i) => count + (failbacks[i] ?? 0)),
  },
  { title: 'connections per second, surviving region', of: ({ survivingConnections }) => survivingConnections },
  { title: 'connections per second, returning region', of: ({ returningConnections }) => returningConnections },
];

/** A row of panels for each outage, with a line for each variant of jitter. Counts are on a logarithmic scale. */
export function plotFleet(results: readonly FleetResult[]): string {
  const outages = [...new Set(results.map(outageOf))];
  const variants = [...new Set(results.map(({ scenario }) => scenario.variant))];
  const most = Math.max(
    10,
    ...results.flatMap(({ figures }) => QUANTITIES.flatMap(({ of }) => [...of(figures.series)])),
  );
  const panels = outages.flatMap((outage, row) => {
    const shown = results.filter((result) => outageOf(result) === outage);
    return QUANTITIES.map((quantity, column) => {
      const place = `translate(${column * WIDTH} ${row * HEIGHT})`;
      return `<g transform="${place}">${panel(`${outage}: ${quantity.title}`, quantity, shown, variants, most)}</g>`;
    });
  });
  const width = QUANTITIES.length * WIDTH;
  const height = outages.length * HEIGHT + 30;
  const style = 'text{font:11px sans-serif;fill:#333}.axis{stroke:#999;fill:none}.grid{stroke:#e5e5e5}';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">`,
    `<style>${style}</style><rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels,
    legend(variants, height - 12),
    '</svg>\n',
  ].join('\n');
}

function outageOf({ scenario }: FleetResult): string {
  return `${scenario.outage} for ${scenario.outageSeconds} s`;
}

function panel(
  title: string,
  { of }: Quantity,
  results: readonly FleetResult[],
  variants: readonly string[],
  most: number,
): string {
  const seconds = Math.max(...results.map(({ figures }) => of(figures.series).length));
  const x = (second: number): number => MARGIN.left + (second / seconds) * (WIDTH - MARGIN.left - MARGIN.right);
  const base = HEIGHT - MARGIN.bottom;
  // Zero is on the axis, and one is above it.
  const y = (count: number): number => base - (Math.log10(count + 1) / Math.log10(most + 1)) * (base - MARGIN.top);
  const powers = Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_, power) => 10 ** power);
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * seconds));
  const lines = results.map(({ scenario, figures }) => {
    const points = of(figures.series).flatMap((count, at) =>
      [at, at + 1].map((each) => `${fixed(x(each))},${fixed(y(count))}`),
    );
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colourOf(scenario.variant, variants)}" stroke-width="1.3"/>`;
  });
  return [
    `<text x="${MARGIN.left}" y="20">${title}</text>`,
    ...powers.map((count) => {
      const height = fixed(y(count));
      const line = `<path class="grid" d="M${MARGIN.left} ${height}H${WIDTH - MARGIN.right}"/>`;
      return `${line}<text x="${MARGIN.left - 6}" y="${height}" dy="4" text-anchor="end">${count}</text>`;
    }),
    `<path class="axis" d="M${MARGIN.left} ${MARGIN.top}V${base}H${WIDTH - MARGIN.right}"/>`,
    ...steps.map((second) => `<text x="${fixed(x(second))}" y="${base + 15}" text-anchor="middle">${second} s</text>`),
    ...lines,
  ].join('');
}

function colourOf(variant: string, variants: readonly string[]): string {
  return COLOURS[variants.indexOf(variant)] ?? '#000';
}

function legend(variants: readonly string[], y: number): string {
  return variants
    .map((variant, i) => {
      const x = MARGIN.left + i * 220;
      const line = `<path d="M${x} ${y - 4}h24" stroke="${colourOf(variant, variants)}" stroke-width="2"/>`;
      return `${line}<text x="${x + 30}" y="${y}">${variant}</text>`;
    })
    .join('');
}

function fixed(value: number): string {
  return value.toFixed(1);
}
