import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * Leads what ioredis's tests import to what they shall test: the built ioredis that is installed here, and in place of
 * its `Redis`, for the tests themselves, the client under test. Everything else of ioredis they get as it is.
 */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const { IOREDIS_MAJOR: major, IOREDIS_TESTS_SOURCE: source } = process.env;
const built = join(root, 'node_modules', major === '6' ? 'ioredis-6' : 'ioredis', 'built');

const CLIENT_UNDER_TEST = join(here, 'client-under-test.ts');
/** Small packages that the tests need and that are not installed here. */
const STAND_INS = {
  'chai-as-promised': join(here, 'chai-as-promised.cjs'),
  'server-destroy': join(here, 'server-destroy.cjs'),
};

export function redirect(request, importer) {
  const path = relative(source, importer);
  if (isAbsolute(path) || path.startsWith('..')) return request;
  if (!request.startsWith('.')) return STAND_INS[request] ?? request;
  const [folder, ...rest] = relative(source, join(importer, '..', request)).split(sep);
  if (folder !== 'lib') return request;
  const module = rest.join('/');
  // The helpers look at servers and tidy up; they are not what is tested.
  const isTest = path.startsWith(join('test', 'functional'));
  if (isTest && (module === '' || module === 'index' || module === 'Redis')) return CLIENT_UNDER_TEST;
  return join(built, module);
}

// Tests and their helpers are CommonJS.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const importer = parent?.filename;
  if (typeof importer !== 'string') return resolveFilename.call(this, request, parent, ...rest);
  const target = redirect(request, importer);
  const isPackage = target === request && !request.startsWith('.') && importer.startsWith(source);
  // Packages are those that are installed here.
  const from = isPackage
    ? { ...parent, paths: [join(root, 'node_modules')], filename: join(root, 'index.js') }
    : parent;
  return resolveFilename.call(this, target, from, ...rest);
};

// As ioredis compiles them: `import * as tls` is the module itself, so that its functions can be stubbed.
const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: false };
const load = Module._extensions['.ts'];
Module._extensions['.ts'] = function (module, fileName) {
  if (!fileName.startsWith(source)) return load.call(this, module, fileName);
  const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), { fileName, compilerOptions });
  module._compile(outputText, fileName);
};

const require = Module.createRequire(import.meta.url);
for (const file of JSON.parse(process.env.IOREDIS_TESTS_FILES)) require(file);
