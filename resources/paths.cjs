// Where the code is: beside this folder, as .ts in this repository and as .js in the package.
const { existsSync } = require('node:fs');
const { resolve } = require('node:path');

const root = resolve(__dirname, '..');
exports.root = root;
exports.isPackage = !existsSync(resolve(root, 'shared/pipeline.ts'));
exports.file = (name) => resolve(root, `${name}${exports.isPackage ? '.js' : '.ts'}`);
/** The pipeline's measures are those of the functions, whichever copy of the package is nearest to the file. */
exports.alias = {
  twinstream: exports.file('shared/pipeline'),
  '#page': resolve(root, exports.isPackage ? 'dashboard/page.js' : 'dashboard/built/page.js'),
};
