import { resolve } from 'node:path';
import optimizeLocales from '@react-aria/optimize-locales-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from './vite-compressed.ts';

/** Of mediasoup-client, what no browser asks for that can take part: other engines, and what stands in for one in tests. */
const otherEngines = /^\.\/(handlers\/(Chrome74|ReactNative106|FakeHandler)|test\/fakeParameters)$/;

/** Everything is served by us: no inline script, no third-party request, file names carry their hash. */
export default defineConfig({
  plugins: [
    react(),
    // What react-aria says to screen readers, in our languages and no others.
    { ...optimizeLocales.vite({ locales: ['en-US', 'fr-FR'] }), enforce: 'pre' },
    compressed(),
  ],
  resolve: { alias: [{ find: otherEngines, replacement: resolve(import.meta.dirname, 'vite-nothing.ts') }] },
  build: {
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    // A data: URL would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Making a schema does nothing else: those that no page uses are left out.
      treeshake: { manualPureFunctions: ['z'] },
      // The public pages are written by signaling, which asks for their looks and their script by name.
      input: { app: 'index.html', site: 'src/site/site.ts' },
      output: {
        entryFileNames: ({ name }) => (name === 'site' ? 'site.js' : 'assets/[name]-[hash].js'),
        assetFileNames: ({ names }) =>
          names[0] === 'site.css' ? 'site.css' : 'assets/[name]-[hash][extname]',
      },
    },
  },
});
