// What '#pipeline' is where the host runs: the pipeline that the command line bundled, loaded once in each thread.
import type { Pipeline } from '../shared/definition/define.ts';

const url = process.env.TWINSTREAM_PIPELINE;
if (url === undefined) throw new Error('TWINSTREAM_PIPELINE: Expected the URL of a bundled pipeline, got nothing');
// Threads do not inherit this from the process.
process.setSourceMapsEnabled(true);
const { default: pipeline } = (await import(url)) as { default: Pipeline };
export default pipeline;
