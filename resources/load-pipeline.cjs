// The pipeline that is deployed, and what else of the product's code a deploy needs.
const Module = require('node:module');
const { join } = require('node:path');
const { buildSync } = require('esbuild');
const { path } = require('./pipeline-path.cjs');
const paths = require('./paths.cjs');

let loaded;
exports.loadPipeline = () => {
  loaded ??= load();
  return loaded;
};

const load = () => {
  const entry = `export { default as pipeline } from ${JSON.stringify(path)}; export { batchSizes } from './shared/definition/windows'; export { viewColumns } from './shared/sql/view-columns'; export { lakeTables } from './shared/adapters/aws/athena-tables';`;
  const { outputFiles } = buildSync({
    stdin: { contents: entry, resolveDir: paths.root, loader: 'ts' },
    absWorkingDir: paths.root,
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    alias: paths.alias,
    nodePaths: [join(process.cwd(), 'node_modules')],
    logLevel: 'warning',
  });
  const bundled = new Module(path);
  bundled._compile(outputFiles[0].text, path);
  return bundled.exports;
};
