import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Everything is served by us: no inline script, no third-party request, file names carry their hash. */
export default defineConfig({
  plugins: [react()],
  build: {
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    // A data: URL would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
