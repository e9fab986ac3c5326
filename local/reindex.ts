// npm run reindex: builds search indexes anew from the entities: asks the host that runs, does it itself without one, or asks a stage.
import { parseArgs } from 'node:util';
import pipeline from '#pipeline';
import { owner, settings } from '#platform';
import { handler as reindex } from '../functions/reindex.ts';
import { FolderOwnedError } from '../shared/ports/folder-owned.ts';
import { prepareFolder } from './prepare-folder.ts';

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
  const host = stage === 'local' ? ownerUrl() : null;
  if (host !== null) await ask(host);
  else if (stage === 'local') {
    for (const { entity, documents, refused } of await reindex({ entities }, { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY }))
      console.log(
        `${entity}: ${documents.toLocaleString('en-US')} indexed${refused === 0 ? '' : `, ${refused} refused: GET /quarantine?reason=index-refused`}`,
      );
  } else {
    const { lambdaClient, startFunction } = await import('../shared/adapters/aws/lambda.ts');
    const name = `twinstream-${stage}-reindex`;
    await startFunction({ client: lambdaClient(), name })({ entities });
    console.log(`Started ${name} for ${entities.join(', ')}; its log says how far it is.`);
  }
} catch (error) {
  fail((error as Error).message);
}

/** Where the host that owns the folder can be asked; null if nobody owned it, and this process does now. */
function ownerUrl(): string | null {
  try {
    owner();
    prepareFolder(settings().dataDir);
    return null;
  } catch (error) {
    if (error instanceof FolderOwnedError && error.url !== null) return error.url;
    throw error;
  }
}

async function ask(url: string): Promise<void> {
  const { TWINSTREAM_TOKEN: token } = process.env;
  const response = await fetch(`${url}/reindex`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ entities }),
  });
  if (response.status !== 202) {
    const { detail = response.statusText } = (await response.json().catch(() => ({}))) as { detail?: string };
    throw new Error(`${url} answered ${response.status}: ${detail}${response.status === 401 ? ' Set TWINSTREAM_TOKEN to a token with scope admin.' : ''}`);
  }
  console.log(`The host at ${url} builds ${entities.join(', ')} anew; its log says how far it is.`);
}
