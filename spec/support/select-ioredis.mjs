import Module, { register } from 'node:module';
import { redirect } from './select-ioredis-hooks.mjs';

const major = process.env.IOREDIS_MAJOR ?? '5';

if (major === '6') {
  register('./select-ioredis-hooks.mjs', import.meta.url);
  // Hooks registered off the main thread do not see require().
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, ...rest) {
    return resolveFilename.call(this, redirect(request, parent?.filename), parent, ...rest);
  };
} else if (major !== '5') {
  throw new Error(`IOREDIS_MAJOR is "${major}", but only "5" and "6" can be selected`);
}
