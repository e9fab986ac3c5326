// Creates, lists and removes the tokens of a stage.
import { join } from 'node:path';
import { tokenFile } from '../shared/adapters/files/token-file.ts';
import { createPublicKey, createToken, originOf, SCOPES } from '../shared/auth/tokens.ts';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import type { TokenStore } from '../shared/ports/token-store.ts';
import { command, fail, typed } from './command.ts';
import { readStage, STAGE_OPTIONS, type Stage } from './stage.ts';

const me = typed('token');
const USAGE = `Usage: ${me} create --scope write|read|admin [--stage STAGE] [--region REGION]
       ${me} create --scope write --origin https://shop.example [--origin …]
       ${me} list [--stage STAGE] [--region REGION]
       ${me} remove --id ID [--stage STAGE] [--region REGION]
       ${me} open

  write posts events, read queries, admin may do everything.
  With --origin it is a public write key, which may be in a page: it can post events from pages of these origins, and do
  nothing else. A browser names the origin; programs that are not browsers can claim any, so count on it as on a page.
  Without --stage it is for the Twinstream of this machine, in DATA_DIR. A stage is that of the service in serverless.yml, or --service NAME.
  Once a token was created, calls need one for good, even when none is left: \`open\` lets every program of this
  machine call without one again.
  To rotate: create a new one, give it to its users, then remove the old one.`;

interface Call {
  readonly store: TokenStore;
  readonly stage: string;
  readonly scope: string | undefined;
  readonly id: string | undefined;
  readonly origins: readonly string[];
}
const actions: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  create: async ({ store, stage, scope: asked, origins }) => {
    const scope = SCOPES.find((one) => one === asked) ?? fail(`--scope: Expected ${SCOPES.join(', ')}, got ${asked ?? 'nothing'}\n\n${USAGE}`);
    if (origins.length > 0 && scope !== 'write') fail(`--origin: Expected --scope write, got ${scope}: what is in a page can be read by anybody`);
    const { token, stored } = origins.length > 0 ? createPublicKey(origins.map(demandOrigin)) : createToken(scope);
    await store.add(stored);
    console.error(
      `A ${origins.length > 0 ? 'public write key' : `${scope} token`} for stage ${stage}, id ${stored.id}. It is shown only once, and works within a minute:`,
    );
    console.log(token);
  },
  list: async ({ store, stage }) => {
    const tokens = await store.list();
    if (tokens.length === 0) console.error(`Stage ${stage} has no tokens.`);
    for (const { id, scope, origins = [] } of tokens) console.log([id, scope, ...origins].join('  '));
  },
  remove: async ({ store, stage, id }) => {
    const token = (await store.list()).find((one) => one.id === id) ?? fail(`--id: Expected one of ${me} list, got ${id ?? 'nothing'}`);
    await store.remove(token);
    console.error(`Token ${token.id} is revoked; it stops working within two minutes.`);
    if (stage === 'local' && (await store.list()).length === 0) console.error(`It was the last one. Calls are refused until there is another, or: ${me} open`);
  },
  open: async ({ store }) => {
    await store.open();
    console.error('Every program of this machine may call without a token, within five seconds, on a loopback address.');
  },
};

const demandOrigin = (text: string): string =>
  originOf(text) ?? fail(`--origin: Expected an origin such as https://shop.example or http://localhost:3000, got '${text.slice(0, 200)}'`);

const openStore = async ({ name, service }: Stage): Promise<TokenStore> => {
  if (name === 'local') return tokenFile({ path: join(readSettings(process.env).dataDir, 'tokens.json') });
  const { ssmClient, ssmTokens } = await import('../shared/adapters/aws/ssm-tokens.ts');
  return ssmTokens({ client: ssmClient(), path: `/${service()}/${name}/tokens` });
};

export const token = command({
  usage: USAGE,
  options: { scope: { type: 'string' }, origin: { type: 'string', multiple: true }, id: { type: 'string' }, ...STAGE_OPTIONS },
  run: async ({ values, positionals }) => {
    const stage = readStage(values);
    // The folder may not be there yet.
    process.umask(0o077);
    const action = actions[positionals[0] ?? ''] ?? fail(USAGE);
    await action({ store: await openStore(stage), stage: stage.name, scope: values.scope, id: values.id, origins: values.origin ?? [] });
  },
});
