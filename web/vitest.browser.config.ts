import { defineConfig } from 'vitest/config';

/** Journeys in a real Chromium against a real server; see tests/rig.ts. */
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/server.ts'],
    environment: 'node',
    // Limits only end what stands still: two busy cores that draw by software are slow, and no journey is a timing.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
});
