import { AthenaClient } from '@aws-sdk/client-athena';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { type AthenaOptions, athena } from '../../shared/adapters/athena.ts';
import { lakeTables } from '../../shared/adapters/athena-tables.ts';
import type { BatchSide } from '../support/parity.ts';
import { startAthenaFront } from './athena-front.ts';
import { glueCatalog } from './glue-catalog.ts';
import { s3ClientOf, s3Store } from './s3-store.ts';
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
  const s3 = s3ClientOf(ministack);
  const glue = glueCatalog(ministack);
  const front = await startAthenaFront({ trino, s3, tables: glue.tables });
  const { region, credentials } = ministack;
  const client = new AthenaClient({ endpoint: front.endpoint, region, credentials });
  let made = 0;
  return {
    client,
    makeSide: async (options = {}) => {
      const database = `lake_${made++}`;
      const bucket = database.replaceAll('_', '-');
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      await glue.createDatabase(database);
      for (const table of lakeTables(bucket)) await glue.createTable(database, table);
      const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
      const engine = athena({ client, workgroup: 'primary', database, bucket, clock: Date.now, sleep, timeoutMs: 300_000, onScanned: () => {}, ...options });
      return { engine, lake: s3Store(s3, bucket), bucket, database };
    },
    stop: async () => {
      client.destroy();
      await front.stop();
      s3.destroy();
      await Promise.all([trino.stop(), ministack.stop()]);
    },
  };
};
