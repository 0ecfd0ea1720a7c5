import type { IncomingMessage } from 'node:http';
import { defineConfig } from 'vite';

/** The vmemd whose figures the development server shows. */
const VMEMD = process.env['VMEMD_URL'] ?? 'http://localhost:54321';

/** Vite serves the page itself; only the WebSocket of the figures is at its path too. */
const unlessUpgrade = ({ headers, url }: IncomingMessage): string | undefined =>
  headers.upgrade === undefined ? url : undefined;

export default defineConfig({
  base: './',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // the Content-Security-Policy of the page forbids what is inline
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: {
    proxy: {
      '^/$': {
        target: VMEMD,
        ws: true,
        changeOrigin: true,
        headers: { origin: VMEMD },
        bypass: unlessUpgrade,
      },
    },
  },
});
