import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { toBatchFailures } from '../../shared/adapters/aws/kinesis-records.ts';
import type { BatchOutcome } from '../../shared/ports/log-reader.ts';
import type { CallContext } from '../../shared/request/http.ts';

type BatchFailures = ReturnType<typeof toBatchFailures>;

/** A consumer behind the event source mapping of a stream: decodes the event, and returns the outcome as the batch's failures. */
export const onStream = <E, B>(
  decode: (event: E) => B,
  consume: (batch: B) => Promise<BatchOutcome>,
): ((event: E, context: CallContext) => Promise<BatchFailures>) => {
  const answer = middy<E | B, BatchOutcome | BatchFailures>({ timeoutEarlyInMillis: 0 })
    .before((request) => {
      request.event = decode(request.event as E);
    })
    .after((request) => {
      request.response = toBatchFailures(request.response as BatchOutcome);
    })
    .handler((batch: E | B) => consume(batch as B));
  return (event, context) => answer(event, context as Context) as Promise<BatchFailures>;
};
