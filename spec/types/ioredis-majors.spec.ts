import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The installed package whose types a file of `lib` gets for "ioredis". */
function packageOf(configuration: string): string | undefined {
  const file = join(root, configuration);
  const read = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, dirname(file), undefined, file);
  const importer = join(root, 'lib/index.ts');
  const { resolvedModule } = ts.resolveModuleName(
    'ioredis',
    importer,
    options,
    ts.sys,
    undefined,
    undefined,
    ts.ModuleKind.ESNext,
  );
  if (resolvedModule === undefined) return undefined;
  return relative(join(root, 'node_modules'), resolvedModule.resolvedFileName).split(sep)[0];
}

// A path that leads nowhere is no error to TypeScript: it takes the other major, and all seems well.
describe('npm run typecheck', () => {
  it('sees the types of ioredis 5 with tsconfig.json', () => {
    expect(packageOf('tsconfig.json')).to.equal('ioredis');
  });

  it('sees the types of ioredis 6 with tsconfig.ioredis-6.json', () => {
    expect(packageOf('tsconfig.ioredis-6.json')).to.equal('ioredis-6');
  });
});
