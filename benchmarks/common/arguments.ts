import { parseArgs } from 'node:util';

/** One `--name value` of a benchmark. */
export interface Option<T> {
  readonly fallback: T;
  readonly help: string;
  /** @throws Error which says what is expected */
  read(text: string): T;
}

type Options = Readonly<Record<string, Option<unknown>>>;

export type OptionValues<S extends Options> = { readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never };

export function numberOption(fallback: number, help: string, { min = 0 } = {}): Option<number> {
  return {
    fallback,
    help,
    read(text) {
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value) || value < min) throw new Error(`a number >= ${min}`);
      return value;
    },
  };
}

export function choiceOption<T extends string>(choices: readonly T[], fallback: T, help: string): Option<T> {
  return {
    fallback,
    help: `${help}: ${choices.join(' | ')}`,
    read(text) {
      const chosen = choices.find((choice) => choice === text);
      if (chosen === undefined) throw new Error(`one of ${choices.join(' | ')}`);
      return chosen;
    },
  };
}

export const IOREDIS_OPTION = choiceOption(['5', '6', 'both'], 'both', 'major version(s) of ioredis');

/** Reads the command line. Ends the process after `--help` and after a mistake. */
export function parseArguments<S extends Options>(options: S, args = process.argv.slice(2)): OptionValues<S> {
  const names = Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ args, options: { ...names, help: { type: 'boolean' } }, strict: true });
    const given = values as Readonly<Record<string, string | boolean | undefined>>;
    if (given['help'] === true) {
      process.stdout.write(usage(options));
      process.exit(0);
    }
    const entries = Object.entries(options).map(([name, option]) => {
      const text = given[name];
      return [name, typeof text === 'string' ? read(name, option, text) : option.fallback];
    });
    return Object.fromEntries(entries) as OptionValues<S>;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage(options)}`);
    process.exit(2);
  }
}

function read(name: string, option: Option<unknown>, text: string): unknown {
  try {
    return option.read(text);
  } catch (error) {
    const expected = error instanceof Error ? error.message : String(error);
    throw new Error(`--${name} must be ${expected}, got "${text}"`, { cause: error });
  }
}

function usage(options: Options): string {
  const lines = Object.entries(options).map(
    ([name, { fallback, help }]) => `  --${name.padEnd(14)} ${help} (default ${String(fallback)})`,
  );
  return `Options:\n${lines.join('\n')}\n`;
}
