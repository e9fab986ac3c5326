import { awsClient } from '../../shared/adapters/aws/aws-client.ts';

/** A client of a local server, made as the platform makes its own. */
export const localClient = (endpoint: string, { answerWithinMs }: { answerWithinMs: number } = { answerWithinMs: 10_000 }) => ({
  ...awsClient({ attempts: 3, answerWithinMs }),
  endpoint,
  region: 'us-east-1',
  // MiniStack's root user; the other servers take anybody.
  credentials: { accessKeyId: '000000000000', secretAccessKey: 'test' },
});

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
