// Builds one of the two pages: `vite build --mode station` or `--mode hub`. The page's sources stand beside its daemon
// (station/web, hub/web); every package is resolved from this folder, so that one lock file pins them all.
import {fileURLToPath} from 'node:url';
import vue from '@vitejs/plugin-vue';
import {defineConfig} from 'vitest/config';
import type {Plugin} from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob:; object-src 'none'; base-uri 'none'";

function packagesFromHere(): Plugin {
  return {
    name: 'packages-from-here',
    enforce: 'pre',
    resolveId(source, importer, options) {
      const bare = /^[\w@]/.test(source) && !source.startsWith('@liaison') && !source.startsWith('@gen');
      if (!bare || !importer || importer.startsWith(here)) return null;
      return this.resolve(source, `${here}vite.config.ts`, {...options, skipSelf: true});
    },
  };
}

// The daemons send the policy as a header; the page carries it too, so that it also holds behind any other server.
function contentPolicy(): Plugin {
  return {
    name: 'content-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {tag: 'meta', attrs: {'http-equiv': 'Content-Security-Policy', content: policy}, injectTo: 'head-prepend'},
    ],
  };
}

export default defineConfig(({mode}) => {
  const page = mode === 'hub' ? 'hub' : 'station';
  return {
    root: mode === 'test' ? here : `${here}../../${page}/web`,
    base: './',
    cacheDir: `${here}node_modules/.vite-${page}`,
    publicDir: false,
    plugins: [packagesFromHere(), vue(), contentPolicy()],
    resolve: {
      alias: {
        '@liaison': `${here}src`,
        '@gen': `${here}web-gen/liaison/v1`,
        'vue/server-renderer': `${here}node_modules/@vue/server-renderer/dist/server-renderer.esm-bundler.js`,
        // By file: the Vue plugin would look for it below the page's own folder.
        vue: `${here}node_modules/vue/dist/vue.runtime.esm-bundler.js`,
      },
    },
    build: {
      outDir: 'dist',
      emptyOutDir: true,
      target: ['chrome87', 'firefox78'],
      assetsInlineLimit: 0,  // data: addresses are not allowed by the policy
      modulePreload: {polyfill: false},
      chunkSizeWarningLimit: 900,
    },
    server: {
      fs: {allow: [`${here}../..`]},
      // A daemon answers pages of its own origin only, so the host stays that of this server.
      proxy: {
        '^/(liaison\\.v1\\.|files/)': {
          target: process.env.LIAISON_API ?? 'http://127.0.0.1:8610',
          changeOrigin: false,
        },
      },
    },
    test: {include: ['test/**/*.test.ts'], environment: 'node', setupFiles: ['test/setup.ts'], server: {deps: {inline: ['element-plus', /@vue/]}}},
  };
});
