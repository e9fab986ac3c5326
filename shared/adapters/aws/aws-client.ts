import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * How every AWS client here talks: HTTP/1.1 over connections that are kept (the Kinesis client's default, HTTP/2, is no
 * faster). A request that gets no connection in a second, or no answer in `answerWithinMs`, is tried again, `attempts` times
 * in all. Region, credentials and endpoints (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS …) come from the environment.
 * Retries are of the standard mode, which backs off with full jitter under a quota. The adaptive mode would hold back every
 * request of a client when one shard, key or file is throttled (docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
 */
export const awsClient = ({ attempts, answerWithinMs }: { attempts: number; answerWithinMs: number }) => ({
  maxAttempts: attempts,
  retryMode: 'standard',
  requestHandler: new NodeHttpHandler({
    connectionTimeout: 1_000,
    requestTimeout: answerWithinMs,
    throwOnRequestTimeout: true,
    // An answer whose body stops coming.
    socketTimeout: answerWithinMs,
  }),
});
