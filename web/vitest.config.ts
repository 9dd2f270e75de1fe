import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  // A busy machine is slow; a test that hangs is found all the same.
  test: { include: ['src/**/*.test.ts'], environment: 'node', testTimeout: 60_000 },
});
