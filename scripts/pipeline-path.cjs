// Which pipeline: PIPELINE=path, relative to where the command was typed, else the repository's own.
const { resolve } = require('node:path');
const root = resolve(__dirname, '..');
exports.path = process.env.PIPELINE ? resolve(process.env.INIT_CWD ?? process.cwd(), process.env.PIPELINE) : resolve(root, 'pipeline.ts');
