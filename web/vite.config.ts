import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type UserConfig } from 'vite';

/** Port of a running `skyriver demo` or `skyriver serve`, for `npm run dev`. */
const server = `http://127.0.0.1:${process.env.SKYRIVER_PORT ?? '8400'}`;

const POLICY =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self'; frame-ancestors 'none'";

export default defineConfig(async ({ mode }): Promise<UserConfig> => ({
  // Made-up answers for drawing pages, only when asked for by name (`npm run dev:mock`).
  plugins: [svelte(), ...(mode === 'mock' ? [(await import('./dev/mock.ts')).mock()] : [])],
  server: mode === 'mock' ? {} : { proxy: { '/api': server } },
  // What the binary sends, so that a forbidden thing is seen here first.
  preview: { headers: { 'content-security-policy': POLICY } },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The policy forbids inline data in scripts and styles; small files stay files.
    assetsInlineLimit: 0,
    // MapLibre alone is past the usual limit; it is a lazy chunk.
    chunkSizeWarningLimit: 1200,
  },
}));
