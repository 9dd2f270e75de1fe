import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { offline } from './worker/plugin';

/** Port of a running `skyriver demo` or `skyriver serve`, for `npm run dev`. */
const server = `http://127.0.0.1:${process.env.SKYRIVER_PORT ?? '8400'}`;

/** What the binary sends, so that a forbidden thing is seen in `npm run preview` first. */
const policy =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self'; frame-ancestors 'none'";

export default defineConfig({
  plugins: [svelte(), offline()],
  server: { proxy: { '/api': server } },
  preview: { headers: { 'content-security-policy': policy } },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The policy forbids inline data in scripts and styles; small files stay files.
    assetsInlineLimit: 0,
    // MapLibre alone is past the usual limit; it is a lazy chunk.
    chunkSizeWarningLimit: 1200,
  },
});
