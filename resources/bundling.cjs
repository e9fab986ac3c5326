// How serverless-esbuild bundles functions that are not files of the service: it takes what is in the service's folder, and
// zips nothing that is below node_modules. So the package's functions are entries under the names that they have in its own
// repository, which esbuild resolves itself (esbuild-plugins.cjs). Read with serverless-esbuild 1.57.2, whose getters it extends.
const { existsSync } = require('node:fs');
const { join, resolve } = require('node:path');
const paths = require('./paths.cjs');

/** A getter of the class, for one object to extend. */
const getterOf = (object, name) => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), name).get;

exports.extendBundling = (esbuild, ours) => {
  const isOurs = (name) => ours[name] !== undefined && esbuild.functions[name]?.handler === ours[name].handler;
  const entries = getterOf(esbuild, 'functionEntries');
  Object.defineProperty(esbuild, 'functionEntries', {
    get: () => {
      const all = Object.entries(esbuild.functions);
      const users = Object.fromEntries(all.filter(([name]) => !isOurs(name)));
      return [
        ...entries.call(Object.create(esbuild, { functions: { value: users } })),
        ...all
          .filter(([name]) => isOurs(name))
          .map(([functionAlias, func]) => ({ func, functionAlias, entry: `${func.handler.slice(0, func.handler.lastIndexOf('.'))}.js` })),
      ];
    },
  });
  const plugins = getterOf(esbuild, 'plugins');
  // esbuild calls plugins in order: the user's come first, so that they can override ours.
  Object.defineProperty(esbuild, 'plugins', { get: () => [...plugins.call(esbuild), ...require('./esbuild-plugins.cjs')] });
};

/** A file of the service with the path of one of the package's functions would be bundled instead of it, or not at all. */
exports.collisionOf = (serviceDir, functions) => {
  if (resolve(serviceDir) === paths.root) return undefined;
  const places = Object.values(functions).map(({ handler }) => handler.slice(0, handler.lastIndexOf('.')));
  return places
    .flatMap((place) => ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'].map((end) => place + end))
    .find((file) => existsSync(join(serviceDir, file)));
};

/** The packages that a deploy bundles and that are not installed where the functions would find them, in npm's notation. */
exports.missingPackages = () => {
  const { peerDependencies, peerDependenciesMeta } = require(join(paths.root, paths.isPackage ? '..' : '.', 'package.json'));
  const isInstalled = (name) => require.resolve.paths(name).some((folder) => existsSync(join(folder, name, 'package.json')));
  return Object.keys(peerDependenciesMeta)
    .filter((name) => !name.startsWith('serverless') && !isInstalled(name))
    .map((name) => `'${name}@${peerDependencies[name]}'`);
};
