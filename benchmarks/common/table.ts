export type Cell = string | number | undefined;

/** Text columns to the left, numbers and what begins like one to the right. */
export function formatTable(title: string, headers: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => headers.map((_, column) => cellText(row[column])));
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const isNumeric = headers.map((_, column) => texts.every((row) => /^(?:[-+]?\d|-?$)/.test(row[column] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        isNumeric[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [`\n${title}`, line(headers), rule, ...texts.map(line), ''].join('\n');
}

export function printTable(title: string, headers: readonly string[], rows: readonly (readonly Cell[])[]): void {
  process.stdout.write(formatTable(title, headers, rows));
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function cellText(cell: Cell): string {
  if (cell === undefined) return '-';
  return typeof cell === 'string' ? cell : formatNumber(cell);
}

/** Three digits are more than these measurements can tell apart. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
