import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';
import { DEFAULT_PRESET, DEFAULT_WEIGHT, DEFAULTS } from '../lib/options/defaults.ts';

type Value = string | number | boolean;
type Table = Readonly<Record<string, Value>>;

const root = fileURLToPath(new URL('..', import.meta.url));

/** A changed default changes the behaviour of whoever did not set it: it has to be changed here as well. */
const EXPECTED: Table = {
  'endpoints[].weight': 1,
  topology: 'active-active',
  preset: 'balanced',
  'healthCheck.intervalMs': 1000,
  'healthCheck.timeoutMs': 500,
  'healthCheck.probes': 1,
  'healthCheck.probeDelayMs': 100,
  'healthCheck.policy': 'all',
  'circuitBreaker.windowMs': 10000,
  'circuitBreaker.failureRate': 0.5,
  'circuitBreaker.minFailures': 20,
  'circuitBreaker.consecutiveFailures': 5,
  'circuitBreaker.halfOpenAfterMs': 10000,
  'retry.sameEndpoint': 'effect',
  'retry.otherEndpoint': 'effect-and-reply',
  'retry.deadlineMs': 10000,
  'retry.backoff.initialMs': 10,
  'retry.backoff.maxMs': 1000,
  'failover.silenceFloorMs': 350,
  'failover.silenceCeilingMs': 500,
  'failover.verifyTimeoutMs': 550,
  'failover.maxWaitingCommands': 1000000,
  'failover.maxWaitingBytes': 268435456,
  'failover.drainMs': 1000,
  'failback.enabled': true,
  'failback.gracePeriodMs': 60000,
  'failback.consecutiveSuccesses': 3,
  'failback.jitterMs': 1000,
  'initialization.policy': 'one',
  'initialization.timeoutMs': 1000,
};

const ACTUAL: Table = { 'endpoints[].weight': DEFAULT_WEIGHT, preset: DEFAULT_PRESET, ...flatten(DEFAULTS) };

/** What the README writes in place of a default. */
const NO_DEFAULT = ['required', '–'];

function flatten(group: object, prefix = ''): Record<string, Value> {
  const entries = Object.entries(group).map(([name, value]: [string, Value | object]) =>
    typeof value === 'object' ? flatten(value, `${prefix}${name}.`) : { [`${prefix}${name}`]: value },
  );
  return Object.assign({}, ...entries) as Record<string, Value>;
}

/** A default as it is written: `1_000`, `true`, `'all'` or `all`. */
function parseValue(written: string): Value {
  const text = written.replace(/^(['"])(.*)\1$/, '$2');
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text.replace(/(?<=\d)[_,](?=\d)/g, ''));
  return text === '' || Number.isNaN(number) ? text : number;
}

/** The `@default` tags of all options, found by following the types of the groups. */
function documentedDefaults(): Table {
  const interfaces = optionInterfaces();
  const membersOf = (name: string, prefix: string): Record<string, Value> => {
    const members = interfaces.get(name)?.members ?? [];
    return Object.assign({}, ...members.map((member) => defaultsOf(member, prefix))) as Record<string, Value>;
  };
  const defaultsOf = (member: ts.TypeElement, prefix: string): Record<string, Value> => {
    if (!ts.isPropertySignature(member) || !ts.isIdentifier(member.name)) return {};
    const path = `${prefix}${member.name.text}`;
    const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
    if (tag !== undefined) return { [path]: parseValue(ts.getTextOfJSDocComment(tag.comment) ?? '') };
    // An endpoint's own `healthCheck` has the shared one for its default.
    if (path === 'endpoints[].healthCheck' || member.type === undefined) return {};
    const isList = ts.isTypeOperatorNode(member.type) && ts.isArrayTypeNode(member.type.type);
    const type = isList
      ? (member.type as ts.TypeOperatorNode & { type: ts.ArrayTypeNode }).type.elementType
      : member.type;
    return membersOf(type.getText(), `${path}${isList ? '[]' : ''}.`);
  };
  return membersOf('GeoFailoverOptions', '');
}

function optionInterfaces(): Map<string, ts.InterfaceDeclaration> {
  const folder = join(root, 'lib/options');
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.Latest, true));
  const declarations = sources.flatMap(({ statements }) => statements.filter(ts.isInterfaceDeclaration));
  return new Map(declarations.map((declaration) => [declaration.name.text, declaration]));
}

interface OptionRow {
  readonly path: string;
  readonly written: string;
}

/** The rows of the README's option tables: an option's path in the first cell, its default in the third. */
function optionRows(): OptionRow[] {
  const file = join(root, 'README.md');
  expect(existsSync(file), 'README.md is there').to.equal(true);
  const options = /^(?:redis|onSwitch|preset|environments?|endpoints(?:\[\])?(?:\..+)?)$/;
  const groups = Object.keys(DEFAULTS);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .flatMap(([, first = '', , written = '']) => {
      const path = /^`([^`]+)`$/.exec(first)?.[1]?.replace(/\[\w*\]|\[…\]/g, '[]');
      if (path === undefined) return [];
      const isOption = options.test(path) || groups.includes(path.split('.')[0] ?? '');
      return isOption ? [{ path, written }] : [];
    });
}

describe('The defaults', () => {
  it('are these', () => {
    expect(ACTUAL).to.deep.equal(EXPECTED);
  });

  it('are the ones in the docstrings', () => {
    expect(documentedDefaults()).to.deep.equal(EXPECTED);
  });

  it("are the ones in the README's tables", () => {
    const rows = optionRows();
    const withDefault = rows.filter(({ written }) => !NO_DEFAULT.includes(written.replaceAll('`', '')));
    const unreadable = withDefault.filter(({ written }) => !/^`[^`]+`$/.test(written));
    expect(unreadable, 'rows with neither a default in backticks nor "required" or "–"').to.deep.equal([]);
    const paths = rows.map(({ path }) => path);
    expect(paths, 'every option is in one row').to.have.lengthOf(new Set(paths).size);
    const entries = withDefault.map(({ path, written }) => [path, parseValue(written.replaceAll('`', ''))]);
    expect(Object.fromEntries(entries)).to.deep.equal(EXPECTED);
  });
});
