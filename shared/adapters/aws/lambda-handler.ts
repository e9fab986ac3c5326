import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { CallContext } from '../../request/http.ts';
import type { Invocation } from './powertools.ts';

type Handler<E, R> = (event: E, context: CallContext) => Promise<R>;

/** A handler as Lambda calls it: each invocation has its telemetry, however it ends. */
export const lambdaHandler = <E, R>(handle: Handler<E, R>, { begin, end }: Invocation): Handler<E, R> => {
  // Middy's own timer would cut off work that can still be finished.
  const handler = middy<E, R>(handle, { timeoutEarlyInMillis: 0 })
    .before(({ context }) => begin(context))
    .after(end)
    .onError(end);
  // Lambda passes a complete context.
  return (event, context) => handler(event, context as Context);
};
