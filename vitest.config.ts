import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** What replaces modules of ours must come before they are loaded: it has a process of its own. */
const apart = ['test/device-sdk/moving/power.test.ts'];

// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from the default export.
export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['test/support/tidied.ts'],
    // One more than there are cores in CI: whoever starts a cloud waits for a quarter of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      // Files share a process, which loads what they use, and grows warm, once.
      { extends: true, test: { name: 'together', include: ['test/**/*.test.ts'], exclude: apart, isolate: false } },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
  },
});
