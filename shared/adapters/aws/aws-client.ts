import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * Settings of every AWS client here: HTTP/1.1 over kept-alive connections (the Kinesis client's default, HTTP/2, is not
 * faster). A request that gets no connection in a second, or no answer in `answerWithinMs`, is retried; there are `attempts`
 * tries in all. Region, credentials and endpoints (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS …) come from the environment.
 * Retries use the standard mode, which backs off with full jitter under a quota. The adaptive mode would slow down every
 * request of a client when one shard, key or file is throttled (docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
 */
export const awsClient = ({ attempts, answerWithinMs }: { attempts: number; answerWithinMs: number }) => ({
  maxAttempts: attempts,
  retryMode: 'standard',
  requestHandler: new NodeHttpHandler({
    connectionTimeout: 1_000,
    requestTimeout: answerWithinMs,
    throwOnRequestTimeout: true,
    // For an answer whose body stops in the middle.
    socketTimeout: answerWithinMs,
  }),
});
