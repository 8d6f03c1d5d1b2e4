import { defineConfig } from 'vitest/config';

/** Where a gateway listens while the pages are being worked on. */
const GATEWAY = 'http://127.0.0.1:8080';

export default defineConfig({
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    sourcemap: false,
  },
  server: { proxy: { '/api': GATEWAY, '/docs': GATEWAY, '/openapi.json': GATEWAY } },
  test: { css: true, include: ['tests/**/*.test.ts'] },
});
