import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['lib/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20.19',
  dts: true,
  clean: true,
  // p-retry is an ES module only: inlined, so that the CommonJS build also loads where require() of one is not possible (Jest).
  noExternal: ['p-retry', 'is-network-error'],
});
