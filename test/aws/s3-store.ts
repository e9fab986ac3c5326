import { CopyObjectCommand, DeleteObjectsCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Ministack } from './servers/ministack.ts';

export const s3ClientOf = ({ endpoint, region, credentials }: Pick<Ministack, 'endpoint' | 'region' | 'credentials'>): S3Client =>
  new S3Client({ endpoint, region, credentials, forcePathStyle: true });

/** A bucket as tests need it; also moves a folder, as the Athena front does. */
export const s3Store = (client: S3Client, bucket: string): ObjectStore & { move(from: string, to: string): Promise<void> } => {
  const store: ObjectStore = {
    put: async (key, body) => void (await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))),
    get: async (key) => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await Body?.transformToByteArray()) ?? null;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },
    list: async function* (prefix, after) {
      for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix, StartAfter: after })) {
        for (const { Key = '', Size = 0 } of Contents ?? []) yield { key: Key, bytes: Size };
      }
    },
    remove: async (keys) => {
      if (keys.length > 0) await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
    },
  };
  return {
    ...store,
    move: async (from, to) => {
      const keys: string[] = [];
      for await (const { key } of store.list(from, '')) keys.push(key);
      for (const key of keys)
        await client.send(new CopyObjectCommand({ Bucket: bucket, Key: to + key.slice(from.length), CopySource: `${bucket}/${encodeURIComponent(key)}` }));
      for (let i = 0; i < keys.length; i += 1_000) await store.remove(keys.slice(i, i + 1_000));
    },
  };
};
