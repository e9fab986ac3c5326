import { AthenaClient } from '@aws-sdk/client-athena';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type AthenaOptions, athena } from '../../shared/adapters/aws/athena.ts';
import { lakeTables } from '../../shared/adapters/aws/athena-tables.ts';
import { s3 } from '../../shared/adapters/aws/s3.ts';
import type { BatchSide } from '../support/parity.ts';
import { startAthenaFront } from './athena-front.ts';
import { glueCatalog } from './glue-catalog.ts';
import { localClient, sleep } from './local-client.ts';
import { startMinistack } from './servers/ministack.ts';
import { startTrino } from './servers/trino.ts';

export interface AthenaLake {
  readonly client: AthenaClient;
  /** A lake of its own: an empty bucket, and a database over it. */
  makeSide(options?: Partial<AthenaOptions>): Promise<BatchSide & { readonly bucket: string; readonly database: string }>;
  stop(): Promise<void>;
}

/** Athena's protocol over a real Trino over S3. */
export const startAthenaLake = async (): Promise<AthenaLake> => {
  const ministack = await startMinistack({ enforceIam: false });
  const trino = await startTrino({ s3: ministack });
  const s3Client = new S3Client(localClient(ministack.endpoint));
  const glue = glueCatalog(ministack);
  const front = await startAthenaFront({ trino, s3: s3Client, tables: glue.tables });
  const client = new AthenaClient(localClient(front.endpoint));
  let made = 0;
  return {
    client,
    makeSide: async (options = {}) => {
      const database = `lake_${made++}`;
      const bucket = database.replaceAll('_', '-');
      await s3Client.send(new CreateBucketCommand({ Bucket: bucket }));
      await glue.createDatabase(database);
      for (const table of lakeTables(bucket)) await glue.createTable(database, table);
      const engine = athena({ client, workgroup: 'primary', database, bucket, clock: Date.now, sleep, timeoutMs: 300_000, onScanned: () => {}, ...options });
      return { engine, lake: s3({ client: s3Client, bucket }), bucket, database };
    },
    stop: async () => {
      client.destroy();
      await front.stop();
      s3Client.destroy();
      await Promise.all([trino.stop(), ministack.stop()]);
    },
  };
};
