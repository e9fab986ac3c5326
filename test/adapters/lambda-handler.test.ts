import { lambdaHandler } from '../../shared/adapters/aws/lambda-handler.ts';
import { UNLIMITED } from '../../shared/request/http.ts';

/** What happened, in order. */
const setUp = (handle: (event: string) => Promise<unknown>) => {
  const steps: string[] = [];
  const handler = lambdaHandler(
    async (event: string) => {
      steps.push(event);
      return handle(event);
    },
    { begin: (context) => void steps.push(`begin ${context === (UNLIMITED as unknown)}`), end: () => void steps.push('end') },
  );
  return { steps, handler };
};

test('given an invocation, then its telemetry begins with its context and ends after it, and its answer is passed on', async () => {
  for (const answer of [{ shards: 2 }, null, []]) {
    const { steps, handler } = setUp(async () => answer);
    expect([await handler('a', UNLIMITED), steps]).toEqual([answer, ['begin true', 'a', 'end']]);
  }
});

test('given one that fails, then its telemetry ends too, and it fails with the very error', async () => {
  const error = new Error('down');
  const { steps, handler } = setUp(() => Promise.reject(error));
  await expect(handler('a', UNLIMITED)).rejects.toBe(error);
  expect(steps).toEqual(['begin true', 'a', 'end']);
});

test('given an invocation that goes on past its time, then Lambda alone ends it', async () => {
  const { handler } = setUp(() => new Promise((resolve) => setImmediate(() => setTimeout(resolve, 20, 'done'))));
  expect(await handler('a', { getRemainingTimeInMillis: () => 6 })).toBe('done');
});
