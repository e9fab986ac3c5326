// Preloaded into `sls package` where only the template is looked at: esbuild then writes each function without what it imports.
const path = require.resolve('esbuild');
const esbuild = require(path);

const importsNothing = {
  name: 'imports-nothing',
  setup: ({ onResolve }) => onResolve({ filter: /.*/ }, ({ kind, path: wanted }) => (kind === 'entry-point' ? undefined : { path: wanted, external: true })),
};
require.cache[path].exports = {
  ...esbuild,
  build: ({ plugins = [], ...options }) => esbuild.build({ ...options, plugins: [...plugins, importsNothing] }),
};
