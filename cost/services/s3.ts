import {
  type DeleteObjectsCommandInput,
  type GetObjectCommandInput,
  type ListObjectsV2CommandInput,
  NoSuchKey,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { LATENCIES } from '../latencies.ts';
import type { Counting } from './dynamodb.ts';
import { NOWHERE, standIn, unknown } from './stand-in.ts';

const MB = 1_048_576;
const PAGE = 1_000;

/** S3 over a folder, which the batch engine reads as files. Deletes are free. */
export const s3Bucket = ({ ledger, time }: Counting, objects: ObjectStore) => {
  const answerTo =
    (caller: string) =>
    async (command: string, input: never): Promise<object> => {
      switch (command) {
        case 'PutObjectCommand': {
          const { Key = '', Body } = input as PutObjectCommandInput;
          // The adapter puts bytes; undefined would be a body of another kind.
          const bytes = typeof Body === 'string' ? Buffer.from(Body) : (Body as Uint8Array);
          ledger.count(caller, 's3.puts', 1);
          await time.sleep(LATENCIES.s3Put + (bytes.byteLength / MB) * LATENCIES.s3PerMb);
          await objects.put(Key, bytes);
          return {};
        }
        case 'GetObjectCommand': {
          ledger.count(caller, 's3.gets', 1);
          const { Key = '', Range } = input as GetObjectCommandInput;
          const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(Range ?? '') ?? [];
          const bytes = await (from === undefined ? objects.get(Key) : objects.getRange(Key, Number(from), Number(to) + 1));
          await time.sleep(LATENCIES.s3Get + ((bytes?.byteLength ?? 0) / MB) * LATENCIES.s3PerMb);
          if (bytes === null) throw new NoSuchKey({ message: 'The specified key does not exist.', $metadata: {} });
          return { Body: { transformToByteArray: async () => bytes } };
        }
        case 'ListObjectsV2Command': {
          const { Prefix = '', StartAfter = '', ContinuationToken } = input as ListObjectsV2CommandInput;
          ledger.count(caller, 's3.puts', 1); // a list costs what a put does
          await time.sleep(LATENCIES.s3List);
          const after = ContinuationToken ?? StartAfter;
          const found: { Key: string; Size: number }[] = [];
          for await (const { key, bytes } of objects.list(Prefix, after)) {
            found.push({ Key: key, Size: bytes });
            if (found.length === PAGE) break;
          }
          return { Contents: found, ...(found.length === PAGE ? { NextContinuationToken: found.at(-1)?.Key } : {}) };
        }
        case 'DeleteObjectsCommand': {
          await time.sleep(LATENCIES.s3Put);
          await objects.remove(((input as DeleteObjectsCommandInput).Delete?.Objects ?? []).map(({ Key = '' }) => Key));
          return {};
        }
        default:
          throw unknown('S3', command);
      }
    };
  return { client: (caller: string): S3Client => standIn(new S3Client(NOWHERE), answerTo(caller)) };
};
