import {
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  InvalidArgumentException,
  type KinesisClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';

/** Where reading a shard begins; undefined if the stream no longer has the shard, or does not know the sequence number. */
export const iteratorAt = async (
  { client, stream }: { readonly client: KinesisClient; readonly stream: string },
  shard: string,
  from: Omit<GetShardIteratorInput, 'ShardId'>,
): Promise<string | undefined> => {
  try {
    return (await client.send(new GetShardIteratorCommand({ StreamName: stream, ShardId: shard, ...from }))).ShardIterator;
  } catch (error) {
    if (error instanceof ResourceNotFoundException || error instanceof InvalidArgumentException) return undefined;
    throw error;
  }
};
