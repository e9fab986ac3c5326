import { DeleteParameterCommand, ParameterNotFound, PutParameterCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { SCOPES } from '../../auth/tokens.ts';
import type { StoredToken, TokenStore } from '../../ports/token-store.ts';
import { awsClient } from './aws-client.ts';

export const ssmClient = (): SSMClient => new SSMClient(awsClient({ attempts: 3, answerWithinMs: 2_000 }));

/** Tokens in the Parameter Store, as SecureString parameters `{path}/{scope}/{id}` whose value is the digest, and behind it the origins of a public key, each after a space. */
export const ssmTokens = ({ client, path }: { client: SSMClient; path: string }): TokenStore => {
  const nameOf = ({ scope, id }: StoredToken) => `${path}/${scope}/${id}`;
  return {
    list: async () => {
      const tokens: StoredToken[] = [];
      for await (const { Parameters = [] } of paginateGetParametersByPath({ client, pageSize: 10 }, { Path: path, Recursive: true, WithDecryption: true }))
        for (const { Name = '', Value = '' } of Parameters) {
          const [scope, id = ''] = Name.slice(path.length + 1).split('/');
          const known = SCOPES.find((one) => one === scope);
          // Anything else below the path is not a Twinstream token, and admits nobody.
          const [digest = '', ...origins] = Value.split(' ');
          if (known !== undefined && /^[0-9a-f]{64}$/.test(digest)) tokens.push({ id, scope: known, digest, ...(origins.length === 0 ? {} : { origins }) });
        }
      return tokens;
    },
    // The HTTP API always has its authorizer, whatever is listed here.
    withoutTokens: async () => 'closed',
    open: async () => {
      throw new RangeError('Expected a Twinstream of this machine, got a stage: a stage is never open without tokens');
    },
    add: async (token) => {
      await client.send(
        new PutParameterCommand({
          Name: nameOf(token),
          Value: [token.digest, ...(token.origins ?? [])].join(' '),
          Type: 'SecureString',
          Description: `SHA-256 of a ${token.scope} token for Twinstream`,
        }),
      );
    },
    remove: async (token) => {
      await client.send(new DeleteParameterCommand({ Name: nameOf(token) })).catch((error) => {
        if (!(error instanceof ParameterNotFound)) throw error;
      });
    },
  };
};
