import { randomUUID } from 'node:crypto';
import { DescribeParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { readParameter } from '../../shared/adapters/aws/ssm-parameter.ts';
import { ssmTokens } from '../../shared/adapters/aws/ssm-tokens.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import { describeTokenStore } from '../contracts/token-store.ts';
import { localClient } from './local-client.ts';
import { startMinistack } from './servers/ministack.ts';
import type { StartedServer } from './servers/process.ts';

let ministack: StartedServer;
let client: SSMClient;
beforeAll(async () => {
  ministack = await startMinistack({ enforceIam: false });
  client = new SSMClient(localClient(ministack.endpoint));
});
afterAll(async () => {
  client?.destroy();
  await ministack?.stop();
});
const newPath = () => `/twinstream/${randomUUID()}/tokens`;

describeTokenStore(async () => ssmTokens({ client, path: newPath() }));

test('a token stands in a SecureString parameter that is named by its scope and id', async () => {
  const path = newPath();
  const { stored } = createToken('write');
  await ssmTokens({ client, path }).add(stored);
  const { Parameters = [] } = await client.send(new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [path] }] }));
  expect(Parameters.map(({ Name, Type }) => [Name, Type])).toEqual([[`${path}/write/${stored.id}`, 'SecureString']]);
});

test('what else stands below the path, or beside it, lets nobody in', async () => {
  const path = newPath();
  const { digest } = createToken('admin').stored;
  for (const [Name, Value] of [
    [`${path}/root/000000000000`, digest],
    [`${path}/admin/111111111111`, 'not a digest'],
    [`${path}-old/admin/222222222222`, digest],
  ])
    await client.send(new PutParameterCommand({ Name: Name as string, Value: Value as string, Type: 'SecureString' }));
  expect(await ssmTokens({ client, path }).list()).toEqual([]);
});

test('a parameter is read decrypted, and one that is not there is an error', async () => {
  const Name = `/twinstream/${randomUUID()}/search`;
  await client.send(new PutParameterCommand({ Name, Value: 'name:pass:word', Type: 'SecureString' }));
  expect(await readParameter({ client, name: Name })).toBe('name:pass:word');
  await expect(readParameter({ client, name: `${Name}-2` })).rejects.toThrow();
});
