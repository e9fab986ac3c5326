import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { awsClient } from './aws-client.ts';

export const lambdaClient = (): LambdaClient => new LambdaClient(awsClient({ attempts: 5, answerWithinMs: 5_000 }));

/** Invokes a function asynchronously, without waiting for its end: Lambda queues the call, and retries it if it fails. */
export const startFunction =
  ({ client, name }: { client: LambdaClient; name: string }) =>
  async (payload: unknown): Promise<void> => {
    await client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(payload)) }));
  };
