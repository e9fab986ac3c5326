// The pipeline's path: PIPELINE=path, relative to where the command was typed, else pipeline.ts beside serverless.yml.
const { resolve } = require('node:path');

const { PIPELINE, INIT_CWD = '.' } = process.env;
exports.path = PIPELINE ? resolve(INIT_CWD, PIPELINE) : resolve('pipeline.ts');
