import type { GlueTable } from '../../shared/adapters/aws/athena-tables.ts';
import type { Ministack } from './servers/ministack.ts';

export interface GlueCatalog {
  createDatabase(name: string): Promise<void>;
  createTable(database: string, table: GlueTable): Promise<void>;
  /** None where the database is not there. */
  tables(database: string): Promise<readonly GlueTable[]>;
}

/** The Glue catalog of MiniStack: what a stack that was deployed there, or a test, has put into it. */
export const glueCatalog = ({ endpoint, region, credentials }: Pick<Ministack, 'endpoint' | 'region' | 'credentials'>): GlueCatalog => {
  const call = async (action: string, body: object): Promise<unknown> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': `AWSGlue.${action}`,
        // The root user's signature is not looked at; his name says which account and service it is.
        Authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20260101/${region}/glue/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { readonly __type?: string };
    if (!response.ok && !answer.__type?.endsWith('EntityNotFoundException'))
      throw new Error(`Glue ${action}: Expected status 200, got ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    createDatabase: async (Name) => void (await call('CreateDatabase', { DatabaseInput: { Name } })),
    createTable: async (DatabaseName, TableInput) => void (await call('CreateTable', { DatabaseName, TableInput })),
    tables: async (DatabaseName) => {
      const tables: GlueTable[] = [];
      for (let request: object | null = { DatabaseName }; request !== null; ) {
        const { TableList = [], NextToken } = (await call('GetTables', request)) as { TableList?: readonly GlueTable[]; NextToken?: string };
        tables.push(...TableList);
        request = NextToken === undefined ? null : { DatabaseName, NextToken };
      }
      return tables;
    },
  };
};
