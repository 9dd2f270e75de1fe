import { defineConfig } from 'vitest/config';

/** Journeys in a real Chromium against a real server; see tests/rig.ts. */
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/server.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 240_000,
    fileParallelism: false,
  },
});
