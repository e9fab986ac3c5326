import type { CellStore } from '../ports/cell-store.ts';
import { documents } from '../storage/documents.ts';

/** A raw file that came to the lake late: the batch layer may have processed its epoch before. */
export interface Recovered {
  /** The file's key in the lake, which is also its name in manifests. */
  readonly key: string;
  readonly epochMs: number;
  readonly shard: string;
  /** Sequence numbers of its first and last record. */
  readonly first: string;
  readonly last: string;
}

/** Such files, noted once they are durable. A generation whose base does not name one includes it, whatever its epoch. */
export const recovered = (store: CellStore) => {
  const stored = documents<Recovered>(store, 'recovered');
  return {
    list: (): Promise<Recovered[]> => stored.list('', '~'),
    note: async (files: readonly Recovered[]): Promise<void> => {
      await stored.create(files.map((file) => ({ sort: file.key, document: file })));
    },
  };
};
