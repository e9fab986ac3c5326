import { createServer, type IncomingMessage } from 'node:http';
import { type AthenaExecutorOptions, athenaExecutor, type Execution } from './athena-executor.ts';
import { resultPage } from './athena-results.ts';
import type { StartedServer } from './servers/process.ts';

interface StartRequest {
  readonly QueryString?: string;
  readonly ClientRequestToken?: string;
  readonly QueryExecutionContext?: { readonly Database?: string };
}
interface ExecutionRequest {
  readonly QueryExecutionId?: string;
  readonly NextToken?: string;
  readonly MaxResults?: number;
}
/** Answered with status 400. */
class InvalidRequest extends Error {
  override readonly name = 'InvalidRequestException';
}

/** UTF-8 bytes: docs.aws.amazon.com/athena/latest/ug/service-limits.html */
const MAX_SQL_BYTES = 262_144;
const MAX_PAGE = 1_000;

/**
 * Athena's protocol (AWS JSON 1.1) in front of a real Trino, for tests: start, look at and stop a query, page through its
 * results. What Athena's documentation says of tokens, limits, UNLOAD and Glue tables holds here. Workgroups, result
 * files, DDL and prepared statements do not exist; integers past 2^53 lose digits, as Trino's JSON does in JavaScript.
 */
export const startAthenaFront = async ({ port = 0, ...options }: AthenaExecutorOptions & { port?: number }): Promise<StartedServer> => {
  const execute = athenaExecutor(options);
  const executions = new Map<string, Execution>();
  const byToken = new Map<string, { readonly request: string; readonly id: string }>();

  const find = ({ QueryExecutionId = '' }: ExecutionRequest): Execution => {
    const execution = executions.get(QueryExecutionId);
    if (execution === undefined) throw new InvalidRequest(`QueryExecution ${QueryExecutionId} was not found`);
    return execution;
  };
  const actions: Readonly<Record<string, (request: never) => object>> = {
    StartQueryExecution: (request: StartRequest) => {
      const { QueryString: sql = '', ClientRequestToken: token = '', QueryExecutionContext } = request;
      const bytes = Buffer.byteLength(sql);
      if (bytes === 0 || bytes > MAX_SQL_BYTES) throw invalidValue('queryString', `Member must have length between 1 and ${MAX_SQL_BYTES}`);
      if (token.length < 32 || token.length > 128) throw invalidValue('clientRequestToken', 'Member must have length between 32 and 128');
      const before = byToken.get(token);
      if (before !== undefined) {
        // The same execution, also one that has failed.
        if (before.request !== JSON.stringify(request)) throw new InvalidRequest('Idempotent parameters do not match');
        return { QueryExecutionId: before.id };
      }
      if (!/^[\s(]*(WITH|SELECT|VALUES|UNLOAD)\b/i.test(sql)) throw new InvalidRequest('Queries of this type are not supported');
      const execution = execute(QueryExecutionContext?.Database ?? 'default', sql);
      executions.set(execution.id, execution);
      byToken.set(token, { request: JSON.stringify(request), id: execution.id });
      return { QueryExecutionId: execution.id };
    },
    GetQueryExecution: (request: ExecutionRequest) => ({ QueryExecution: described(find(request)) }),
    StopQueryExecution: (request: ExecutionRequest) => {
      find(request).stop();
      return {};
    },
    GetQueryResults: (request: ExecutionRequest) => {
      const { state, result } = find(request);
      const { NextToken = '0', MaxResults = MAX_PAGE } = request;
      if (state === 'RUNNING') throw new InvalidRequest(`Query has not yet finished. Current state: ${state}`);
      if (state !== 'SUCCEEDED') throw new InvalidRequest(`Query did not finish successfully. Final query state: ${state}`);
      if (MaxResults < 1 || MaxResults > MAX_PAGE) throw invalidValue('maxResults', `Member must have value between 1 and ${MAX_PAGE}`);
      return resultPage(result, Number(NextToken), MaxResults);
    },
  };

  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) => response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    try {
      const target = String(request.headers['x-amz-target']);
      const action = actions[target.replace(/^AmazonAthena\./, '')];
      if (action === undefined) throw new InvalidRequest(`Expected X-Amz-Target AmazonAthena.${Object.keys(actions).join('|')}, got ${target}`);
      answer(200, action((await bodyOf(request)) as never));
    } catch (error) {
      if (error instanceof InvalidRequest) answer(400, { __type: error.name, Message: error.message, AthenaErrorCode: 'INVALID_INPUT' });
      else answer(500, { __type: 'InternalServerException', Message: String(error) });
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    stop: async () => {
      for (const execution of executions.values()) execution.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const invalidValue = (name: string, constraint: string) =>
  new InvalidRequest(`1 validation error detected: Value at '${name}' failed to satisfy constraint: ${constraint}`);

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString());
};

const described = ({ id, sql, database, submittedAtMs, endedAtMs, state, reason, result }: Execution) => ({
  QueryExecutionId: id,
  Query: sql,
  StatementType: 'DML',
  QueryExecutionContext: { Database: database, Catalog: 'awsdatacatalog' },
  EngineVersion: { SelectedEngineVersion: 'Athena engine version 3', EffectiveEngineVersion: 'Athena engine version 3' },
  Status: {
    State: state,
    SubmissionDateTime: submittedAtMs / 1_000,
    ...(endedAtMs === null ? {} : { CompletionDateTime: endedAtMs / 1_000 }),
    ...(reason === null ? {} : { StateChangeReason: reason }),
  },
  Statistics: { DataScannedInBytes: result.bytesRead, EngineExecutionTimeInMillis: (endedAtMs ?? Date.now()) - submittedAtMs },
});
