import type { Fault } from './faulty-proxy.ts';

/** Requests of many records, whose answers say of each what became of it. */
const BATCHES: Readonly<Record<string, { readonly results: string; readonly failures: string; readonly error: string }>> = {
  PutRecords: { results: 'Records', failures: 'FailedRecordCount', error: 'ProvisionedThroughputExceededException' },
  PutRecordBatch: { results: 'RequestResponses', failures: 'FailedPutCount', error: 'ServiceUnavailableException' },
};

/** Leaves records of a request out, as a throttled shard does; the others get there. `seen` learns how many the request had. */
export const leavesOut =
  (isLeftOut: (i: number) => boolean, seen: number[] = []): Fault =>
  async ({ action, body }, forward) => {
    const { results, failures, error } = BATCHES[action] as (typeof BATCHES)[string];
    const request = JSON.parse(body.toString()) as { readonly Records: readonly object[] };
    seen.push(request.Records.length);
    const isOut = request.Records.map((_, i) => isLeftOut(i));
    const through = request.Records.filter((_, i) => !isOut[i]);
    const answer =
      through.length === 0
        ? { status: 200, headers: {}, body: Buffer.from(`{"${results}":[]}`) }
        : await forward(Buffer.from(JSON.stringify({ ...request, Records: through })));
    const taken = JSON.parse(answer.body.toString())[results] as object[];
    const all = isOut.map((is) => (is ? { ErrorCode: error, ErrorMessage: 'Slow down' } : taken.shift()));
    return { ...answer, body: Buffer.from(JSON.stringify({ [failures]: isOut.filter((is) => is).length, [results]: all })) };
  };
