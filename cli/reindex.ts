// Rebuilds search indexes from the entities: asks the running host, does it itself if there is none, or asks a stage.
import pipeline from '#pipeline';
import { owner, settings } from '#platform';
import { handler } from '../functions/reindex.ts';
import { prepareFolder } from '../local/prepare-folder.ts';
import { FolderOwnedError } from '../shared/ports/folder-owned.ts';
import { command, fail, PIPELINE_OPTION, typed } from './command.ts';
import { readStage, STAGE_OPTIONS } from './stage.ts';

const names = Object.keys(pipeline.entities);
const USAGE = `Usage: ${typed('reindex')} [ENTITY …] [--stage STAGE] [--region REGION]

  ENTITY   ${names.join(', ')}; by default all of them
  --stage  a stage on AWS, of the service in serverless.yml or --service NAME; without it, the Twinstream of this machine, in DATA_DIR

The current index answers until the new one is complete, and gets every change meanwhile.`;

export const reindex = command({
  usage: USAGE,
  options: { ...STAGE_OPTIONS, ...PIPELINE_OPTION },
  run: async ({ values, positionals }) => {
    const unknown = positionals.find((name) => !names.includes(name));
    if (unknown !== undefined) fail(`Expected ${names.join(', ')}, got '${unknown}'\n\n${USAGE}`);
    const entities = positionals.length === 0 ? names : positionals;
    const stage = readStage(values);
    if (stage.name !== 'local') return await startOn(`${stage.service()}-${stage.name}-reindex`, entities);
    const host = ownerUrl();
    if (host === null) await build(entities);
    else await ask(host, entities);
  },
});

const startOn = async (name: string, entities: readonly string[]): Promise<void> => {
  const { lambdaClient, startFunction } = await import('../shared/adapters/aws/lambda.ts');
  await startFunction({ client: lambdaClient(), name })({ entities });
  console.log(`Started ${name} for ${entities.join(', ')}; its log shows the progress.`);
};

const build = async (entities: readonly string[]): Promise<void> => {
  for (const { entity, documents, refused } of await handler({ entities }, { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY }))
    console.log(`${entity}: ${documents.toLocaleString('en-US')} indexed${refused === 0 ? '' : `, ${refused} refused: GET /quarantine?reason=index-refused`}`);
};

/** The address of the host that owns the folder; null if nobody owned it, and now this process does. */
const ownerUrl = (): string | null => {
  try {
    owner();
    prepareFolder(settings().dataDir);
    return null;
  } catch (error) {
    if (error instanceof FolderOwnedError && error.url !== null) return error.url;
    throw error;
  }
};

const ask = async (url: string, entities: readonly string[]): Promise<void> => {
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
  console.log(`The host at ${url} rebuilds ${entities.join(', ')}; its log shows the progress.`);
};
