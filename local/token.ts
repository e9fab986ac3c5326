// npm run token: hands out, lists and takes back the tokens of a stage.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tokenFile } from '../shared/adapters/files/token-file.ts';
import { createToken, SCOPES } from '../shared/auth/tokens.ts';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import type { TokenStore } from '../shared/ports/token-store.ts';

const USAGE = `Usage: npm run token -- create --scope write|read|admin [--stage STAGE] [--region REGION]
       npm run token -- list [--stage STAGE] [--region REGION]
       npm run token -- remove --id ID [--stage STAGE] [--region REGION]
       npm run token -- open

  write posts events, read asks for answers, admin may do everything.
  Without --stage it is for the Twinstream of this machine, in DATA_DIR.
  Once a token was handed out, calls need one for good, also when none is left: \`open\` lets every program of this
  machine call without again.
  To rotate: create a new one, give it to its users, then remove the old one.`;

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};
const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { scope: { type: 'string' }, stage: { type: 'string' }, id: { type: 'string' }, region: { type: 'string' } },
    });
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`);
  }
})();
const { stage = 'local', region } = values;
if (!/^[\w-]{1,40}$/.test(stage)) fail(`--stage: Expected a stage's name, got '${stage}'`);
if (region !== undefined) process.env.AWS_REGION = region;

const openStore = async (): Promise<TokenStore> => {
  if (stage === 'local') return tokenFile({ path: join(readSettings(process.env).dataDir, 'tokens.json') });
  const { ssmClient, ssmTokens } = await import('../shared/adapters/aws/ssm-tokens.ts');
  return ssmTokens({ client: ssmClient(), path: `/twinstream/${stage}/tokens` });
};

const commands: Readonly<Record<string, (store: TokenStore) => Promise<void>>> = {
  create: async (store) => {
    const scope = SCOPES.find((one) => one === values.scope) ?? fail(`--scope: Expected ${SCOPES.join(', ')}, got ${values.scope ?? 'nothing'}\n\n${USAGE}`);
    const { token, stored } = createToken(scope);
    await store.add(stored);
    console.error(`A ${scope} token for stage ${stage}, id ${stored.id}. It is shown this once, and good within a minute:`);
    console.log(token);
  },
  list: async (store) => {
    const tokens = await store.list();
    if (tokens.length === 0) console.error(`Stage ${stage} has no tokens.`);
    for (const { id, scope } of tokens) console.log(`${id}  ${scope}`);
  },
  remove: async (store) => {
    const token = (await store.list()).find(({ id }) => id === values.id) ?? fail(`--id: Expected one of npm run token -- list, got ${values.id ?? 'nothing'}`);
    await store.remove(token);
    console.error(`Token ${token.id} is taken back; it stops working within two minutes.`);
    if (stage === 'local' && (await store.list()).length === 0)
      console.error('It was the last one. Calls are refused until there is another, or: npm run token -- open');
  },
  open: async (store) => {
    await store.open();
    console.error('Every program of this machine may call without a token, within five seconds, on a loopback address.');
  },
};
// The folder may not be there yet.
process.umask(0o077);
const command = commands[positionals[0] ?? ''] ?? fail(USAGE);
try {
  await command(await openStore());
} catch (error) {
  fail((error as Error).message);
}
