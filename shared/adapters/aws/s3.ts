import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../ports/object-store.ts';
import { batches } from '../resend.ts';
import { awsClient } from './aws-client.ts';

/** Its requests are long, and few. */
export const s3Client = (): S3Client => new S3Client(awsClient({ attempts: 5, answerWithinMs: 30_000 }));

/** docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MOST_KEYS = { items: 1_000, bytes: Number.POSITIVE_INFINITY };

/** Objects in a bucket. Readers need s3:ListBucket too: without it S3 answers 403 if there is no object. */
export const s3 = ({ client, bucket }: { client: S3Client; bucket: string }): ObjectStore => ({
  put: async (key, body) => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  },
  get: (key) => read({ client, bucket }, key, {}),
  getRange: (key, from, to) => read({ client, bucket }, key, { Range: `bytes=${from}-${to - 1}` }),
  list: async function* (prefix, after) {
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken, ...(after === '' ? {} : { StartAfter: after }) }),
      );
      for (const { Key = '', Size = 0 } of page.Contents ?? []) yield { key: Key, bytes: Size };
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  },
  // S3 verifies its objects and repairs them: docs.aws.amazon.com/AmazonS3/latest/userguide/DataDurability.html
  checksum: async () => null,
  remove: async (keys) => {
    for (const batch of batches(keys, () => 0, MOST_KEYS)) {
      const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects: batch.map((Key) => ({ Key })) } }));
      const [first] = Errors;
      if (first !== undefined)
        throw new Error(
          `S3 bucket ${bucket}: Expected ${batch.length} objects to be removed, got ${first.Code} (${first.Message}) for '${first.Key}'${Errors.length > 1 ? ` and ${Errors.length - 1} more` : ''}`,
        );
    }
  },
});

const read = async ({ client, bucket }: { client: S3Client; bucket: string }, key: string, part: { readonly Range?: string }): Promise<Uint8Array | null> => {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...part }));
    if (Body === undefined) throw new Error(`S3 bucket ${bucket}: Expected a body of '${key}', got none`);
    return await Body.transformToByteArray();
  } catch (error) {
    if (error instanceof NoSuchKey) return null;
    // The file ends before the range begins.
    if (error instanceof S3ServiceException && error.name === 'InvalidRange') return new Uint8Array();
    throw error;
  }
};
