import type { CellStore } from '../ports/cell-store.ts';

/** A raw file that came to the lake past its turn: the batch layer may have taken over its epoch before. */
export interface Recovered {
  /** The file, which is its name in manifests too. */
  readonly key: string;
  readonly epochMs: number;
  readonly shard: string;
  /** Sequence numbers of its first and last record. */
  readonly first: string;
  readonly last: string;
}

const PARTITION = 'recovered';

/** Such files, noted once they stand. A generation that does not name one takes it in, whatever its epoch. */
export const recovered = (store: CellStore) => ({
  list: async (): Promise<Recovered[]> =>
    (await store.query({ partition: PARTITION, from: '', to: '~' })).map(({ body }) => JSON.parse(Buffer.from(body).toString()) as Recovered),
  note: async (files: readonly Recovered[]): Promise<void> => {
    await store.put(
      files.map((file) => ({
        cell: { partition: PARTITION, sort: file.key, version: '1', body: Buffer.from(JSON.stringify(file)) },
        expected: null,
        expiresAtMs: null,
      })),
    );
  },
});
