// npm run reindex: builds search indexes anew from the entities, beside a host that runs or without one, or on a stage.
import { parseArgs } from 'node:util';
import pipeline from '#pipeline';
import { handler as reindex } from '../functions/reindex.ts';

const names = Object.keys(pipeline.entities);
const USAGE = `Usage: npm run reindex [-- ENTITY …] [--stage STAGE] [--region REGION]

  ENTITY   ${names.join(', ')}; by default all of them
  --stage  a stage on AWS; without it, the Twinstream of this machine, in DATA_DIR

The index that stands answers until the new one is whole, and takes every change meanwhile.`;

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};
const { values, positionals } = (() => {
  try {
    return parseArgs({ allowPositionals: true, options: { stage: { type: 'string' }, region: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`);
  }
})();
if (values.help) fail(USAGE);
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined) fail(`Expected ${names.join(', ')}, got '${unknown}'\n\n${USAGE}`);
const { stage = 'local', region } = values;
if (!/^[\w-]{1,40}$/.test(stage)) fail(`--stage: Expected a stage's name, got '${stage}'`);
if (region !== undefined) process.env.AWS_REGION = region;
const entities = positionals.length === 0 ? names : positionals;

try {
  if (stage === 'local') {
    for (const { entity, documents, refused } of await reindex({ entities }, { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY }))
      console.log(
        `${entity}: ${documents.toLocaleString('en-US')} indexed${refused === 0 ? '' : `, ${refused} refused: GET /quarantine?reason=index-refused`}`,
      );
  } else {
    const { lambdaClient, startFunction } = await import('../shared/adapters/lambda.ts');
    const name = `twinstream-${stage}-reindex`;
    await startFunction({ client: lambdaClient(), name })({ entities });
    console.log(`Started ${name} for ${entities.join(', ')}; its log says how far it is.`);
  }
} catch (error) {
  fail((error as Error).message);
}
