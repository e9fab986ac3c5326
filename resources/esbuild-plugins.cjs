// What the zips leave out of the packages that they bundle.
const { existsSync } = require('node:fs');
const { dirname } = require('node:path');
const paths = require('./paths.cjs');

/** Zod brings its messages in some 50 languages, 300 KB; the answers here are in English. */
const zodInEnglish = {
  name: 'zod-in-english',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    })),
};

/** Lambda passes credentials in the environment; the chain of all other providers is 100 KB. */
const credentialsFromEnvironment = {
  name: 'credentials-from-environment',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]@aws-sdk[\\/]credential-provider-node[\\/].*\.js$/ }, ({ path }) => ({
      contents: "import { fromEnv } from '@aws-sdk/credential-provider-env'; export const defaultProvider = () => fromEnv();",
      resolveDir: dirname(path),
    })),
};

/** It is not marked as free of side effects, and would be in every zip. */
const opensearchWhereUsed = {
  name: 'opensearch-where-used',
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /^@opensearch-project\/opensearch/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'resolved') return undefined;
      const found = await resolve(path, { importer: from.importer, resolveDir: from.resolveDir, kind: from.kind, pluginData: 'resolved' });
      return found.errors.length > 0 ? { errors: found.errors } : { path: found.path, sideEffects: false };
    }),
};

/** A client sends its version in its calls, and would bundle all of its package.json for that. */
const versionsAlone = {
  name: 'versions-alone',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/](@aws-sdk[\\/]client-[\w-]+|@opensearch-project[\\/]opensearch)[\\/]package\.json$/ }, ({ path }) => {
      const { name, version } = require(path);
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    }),
};

/** functions/query.js is the package's file, wherever the service's folder is (bundling.cjs). */
const functionsOfPackage = {
  name: 'functions-of-package',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^functions[\\/].*\.js$/ }, ({ kind, path }) => {
      const file = paths.file(path.slice(0, -'.js'.length));
      return kind === 'entry-point' && existsSync(file) ? { path: file } : undefined;
    }),
};

module.exports = [functionsOfPackage, versionsAlone, zodInEnglish, credentialsFromEnvironment, opensearchWhereUsed];
