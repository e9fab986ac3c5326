import type { Ministack } from './servers/ministack.ts';

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: string | readonly string[];
    readonly Resource: unknown;
    readonly Condition?: unknown;
  }[];
}

/** What a test asks of IAM (docs.aws.amazon.com/IAM/latest/APIReference), in the name of MiniStack's root user. */
export const iamOf = ({ endpoint, region, credentials }: Pick<Ministack, 'endpoint' | 'region' | 'credentials'>) => {
  const call = async (parameters: Readonly<Record<string, string>>): Promise<string> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20260101/${region}/iam/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: new URLSearchParams({ Version: '2010-05-08', ...parameters }).toString(),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`IAM ${parameters.Action}: Expected status 200, got ${response.status}: ${text}`);
    return text;
  };
  const all = (text: string, element: string) => [...text.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, value = '']) => value);
  return {
    roles: async (): Promise<string[]> => all(await call({ Action: 'ListRoles' }), 'RoleName'),
    policy: async (role: string, name: string): Promise<PolicyDocument> => {
      const [document = ''] = all(await call({ Action: 'GetRolePolicy', RoleName: role, PolicyName: name }), 'PolicyDocument');
      return JSON.parse(decodeURIComponent(document.replaceAll('&quot;', '"'))) as PolicyDocument;
    },
    putPolicy: async (role: string, name: string, document: PolicyDocument): Promise<void> => {
      await call({ Action: 'PutRolePolicy', RoleName: role, PolicyName: name, PolicyDocument: JSON.stringify(document) });
    },
    /** A new user who may do this; answers its credentials. */
    user: async (name: string, document: PolicyDocument): Promise<{ accessKeyId: string; secretAccessKey: string }> => {
      await call({ Action: 'CreateUser', UserName: name });
      await call({ Action: 'PutUserPolicy', UserName: name, PolicyName: name, PolicyDocument: JSON.stringify(document) });
      const key = await call({ Action: 'CreateAccessKey', UserName: name });
      const [accessKeyId = '', secretAccessKey = ''] = [...all(key, 'AccessKeyId'), ...all(key, 'SecretAccessKey')];
      return { accessKeyId, secretAccessKey };
    },
  };
};
