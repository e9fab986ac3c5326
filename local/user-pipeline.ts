// Resolves '#pipeline' where the host runs: the pipeline that the command line bundled, loaded once in each thread.
import type { Pipeline } from '../shared/definition/define.ts';

const url = process.env.TWINSTREAM_PIPELINE;
if (url !== undefined) process.setSourceMapsEnabled(true); // threads do not inherit it from the process
/** twinstream/testing imports functions, and passes them a pipeline itself. */
const none = new Proxy({} as Pipeline, {
  get: () => {
    throw new Error('TWINSTREAM_PIPELINE: Expected the URL of a bundled pipeline, got nothing');
  },
});
const pipeline = url === undefined ? none : ((await import(url)) as { default: Pipeline }).default;
export default pipeline;
