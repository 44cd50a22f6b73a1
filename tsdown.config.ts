import { defineConfig } from 'tsdown';

// ES modules only: inlined, so that the CommonJS build also loads where require() of one is not possible (Jest).
const inlined = ['p-retry', 'is-network-error'];

export default defineConfig({
  entry: ['lib/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20.19',
  dts: true,
  clean: true,
  deps: { alwaysBundle: inlined, onlyBundle: inlined },
  // Each plugin's share of a build of five seconds is of no interest.
  checks: { pluginTimings: false },
});
