import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

interface ImportRule {
  /** Imports nothing of `lib` but this. */
  readonly only?: readonly string[];
  /** Of these it imports types only. */
  readonly typesOf?: readonly string[];
  /** Imports everything but this. */
  readonly not?: readonly string[];
}

/**
 * What the files of each folder may import, by folder or, for those directly in `lib`, by file. Those files themselves
 * put everything together and may import anything.
 */
const IMPORTS: Readonly<Record<string, ImportRule>> = {
  commands: { only: ['errors', 'commands'] },
  'ioredis-internals': { only: ['errors', 'ioredis-internals'], typesOf: ['commands'] },
  time: { only: ['time'] },
  options: { only: ['options', 'errors', 'events', 'time'], typesOf: ['commands'] },
  endpoints: { not: ['health', 'detection', 'failover', 'facade', 'dispatch'] },
  dispatch: { not: ['health', 'detection', 'failover', 'facade'] },
  health: { not: ['failover', 'facade', 'dispatch'] },
  detection: { not: ['failover', 'facade', 'dispatch'] },
  failover: { not: ['facade', 'dispatch', 'observability'] },
  facade: { not: ['failover', 'health', 'detection'] },
};

/** Members of ioredis that it may rename whenever it likes. */
const PRIVATE_MEMBERS = new Set([
  'commandQueue',
  'offlineQueue',
  'setStatus',
  'handleReconnection',
  'flushQueue',
  'resetCommandQueue',
  'resetOfflineQueue',
  'prevCommandQueue',
  'manuallyClosing',
]);

const MAX_LINES = 250;

interface Import {
  readonly target: string;
  readonly isTypeOnly: boolean;
  readonly place: string;
}

const lib = fileURLToPath(new URL('../lib', import.meta.url));

class SourceFile {
  /** Relative to `lib`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly #node: ts.SourceFile;

  constructor(path: string) {
    const text = readFileSync(join(lib, path), 'utf8');
    this.path = path.split(sep).join('/');
    this.lines = text.trimEnd().split('\n').length;
    this.#node = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    this.imports = this.#collect((node) => this.#importOf(node));
  }

  /** The folder, or for a file directly in `lib` its name. */
  get unit(): string {
    return unitOf(this.path);
  }

  get isInFolder(): boolean {
    return this.path.includes('/');
  }

  /** Places of the nodes that meet the condition, as `lib/file.ts:12`. */
  places(condition: (node: ts.Node) => boolean): string[] {
    return this.#collect((node) => (condition(node) ? this.#placeOf(node) : undefined));
  }

  #importOf(node: ts.Node): Import | undefined {
    const specifier = specifierOf(node);
    if (specifier?.startsWith('.') !== true) return undefined;
    const target = relative(lib, join(lib, dirname(this.path), specifier))
      .split(sep)
      .join('/');
    return { target, isTypeOnly: isTypeOnly(node), place: this.#placeOf(node) };
  }

  #collect<T>(select: (node: ts.Node) => T | undefined): T[] {
    const found: T[] = [];
    const visit = (node: ts.Node): void => {
      const selected = select(node);
      if (selected !== undefined) found.push(selected);
      ts.forEachChild(node, visit);
    };
    visit(this.#node);
    return found;
  }

  #placeOf(node: ts.Node): string {
    const { line } = this.#node.getLineAndCharacterOfPosition(node.getStart());
    return `lib/${this.path}:${line + 1}`;
  }
}

function unitOf(path: string): string {
  return (path.split('/')[0] ?? path).replace(/\.ts$/, '');
}

/** Of `import … from`, `export … from`, `import()` and `import('…').Type`. */
function specifierOf(node: ts.Node): string | undefined {
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
        ? node.argument.literal
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
  return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly || everyIsType(node.exportClause);
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { phaseModifier, name, namedBindings } = node.importClause;
  return phaseModifier === ts.SyntaxKind.TypeKeyword || (name === undefined && everyIsType(namedBindings));
}

function everyIsType(names: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (names === undefined || ts.isNamespaceImport(names) || ts.isNamespaceExport(names)) return false;
  return [...names.elements].every((element) => element.isTypeOnly);
}

function violations({ unit, imports }: SourceFile): string[] {
  const rule = IMPORTS[unit];
  if (rule === undefined) return [];
  return imports
    .filter(({ target, isTypeOnly: types }) => {
      const imported = unitOf(target);
      if (rule.not?.includes(imported) === true) return true;
      return rule.only?.includes(imported) === false && !(types && rule.typesOf?.includes(imported) === true);
    })
    .map(({ place, target, isTypeOnly: types }) => `${place} imports ${types ? 'types of ' : ''}${target}`);
}

/** Import cycles, at least one if there are any. Types count as well: such files cannot be understood one by one. */
function cycles(files: readonly SourceFile[]): string[] {
  const targets = new Map(files.map(({ path, imports }) => [path, new Set(imports.map(({ target }) => target))]));
  const found = new Set<string>();
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.add([...trail.slice(start), path].join(' -> '));
    if (start >= 0 || finished.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const { path } of files) visit(path, []);
  return [...found];
}

function isCallOf(node: ts.Node, method: string): boolean {
  return (
    ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === method
  );
}

function isModifiedBy(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) === true;
}

describe('The architecture', () => {
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => new SourceFile(path));

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    const long = files.filter(({ lines }) => lines > MAX_LINES);
    expect(long.map(({ path, lines }) => `lib/${path}: ${lines} lines`)).to.deep.equal([]);
  });

  it('imports only files that are there', () => {
    const paths = new Set(files.map(({ path }) => path));
    const lost = files.flatMap(({ imports }) => imports.filter(({ target }) => !paths.has(target)));
    expect(lost.map(({ place, target }) => `${place} imports ${target}`)).to.deep.equal([]);
  });

  it('has no import cycles', () => {
    expect(cycles(files)).to.deep.equal([]);
  });

  for (const [unit, rule] of Object.entries(IMPORTS)) {
    const { only = [], typesOf = [], not = [] } = rule;
    const allowed = [...only, ...typesOf.map((name) => `types of ${name}`)].join(', ');
    it(`imports ${not.length > 0 ? `nothing of ${not.join(', ')}` : `only ${allowed}`} into ${unit}`, () => {
      const members = files.filter((file) => file.isInFolder && file.unit === unit);
      expect(members, `lib/${unit}`).to.not.be.empty;
      expect(members.flatMap(violations)).to.deep.equal([]);
    });
  }

  it('changes the active endpoint in the failover controller only', () => {
    const callers = files.filter((file) => file.places((node) => isCallOf(node, 'setActive')).length > 0);
    expect(callers.map(({ path }) => path)).to.deep.equal(['failover/failover-controller.ts']);
  });

  it('draws random numbers only where everything is put together', () => {
    const isMathRandom = (node: ts.Node): boolean =>
      ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random';
    const drawing = files.filter((file) => file.places(isMathRandom).length > 0);
    expect(drawing.map(({ path }) => path)).to.deep.equal(['create-geo-failover-redis.ts']);
  });

  it('names private members of ioredis in ioredis-internals only', () => {
    // The facade's own object has a method of the same name, for which it is not reached into ioredis.
    const mayHaveOwn = (file: SourceFile, name: string): boolean =>
      name === 'setStatus' && (file.unit === 'facade' || !file.isInFolder);
    const named = files
      .filter(({ unit }) => unit !== 'ioredis-internals')
      .flatMap((file) =>
        file.places(
          (node) =>
            (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) &&
            PRIVATE_MEMBERS.has(node.text) &&
            !mayHaveOwn(file, node.text),
        ),
      );
    expect(named).to.deep.equal([]);
  });

  it('has no default exports, no enums, and writes nothing to the console', () => {
    const found = files.flatMap((file) =>
      file.places(
        (node) =>
          ts.isExportAssignment(node) ||
          isModifiedBy(node, ts.SyntaxKind.DefaultKeyword) ||
          (ts.isExportSpecifier(node) && node.name.text === 'default') ||
          ts.isEnumDeclaration(node) ||
          (ts.isIdentifier(node) && node.text === 'console'),
      ),
    );
    expect(found).to.deep.equal([]);
  });
});
