import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASES, type DatabaseFile, heldAgainstSeal, removeSeal, type Sealed, walBytes } from '../../shared/adapters/files/folder-seal.ts';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { changesOf, POSITIONS, positions } from '../../shared/adapters/sqlite/positions.ts';
import { openSqlite } from '../../shared/adapters/sqlite/sqlite.ts';
import { generations } from '../../shared/batch/generations.ts';
import { indexedKey } from '../../shared/storage/keys.ts';
import { isRepairing, REPAIRING } from '../repair/set-aside.ts';
import { type Finding, type FolderState, findingsOf } from './findings.ts';
import { readState } from './state.ts';

/**
 * Compares the stores of a folder with the seal of the last clean stop, and with each other; nobody else may have any of
 * them open. What can be repaired at once is repaired, unless something else needs a full repair: then nothing is changed.
 */
export const checkFolder = async (dataDir: string, clock: () => number): Promise<readonly Finding[]> => {
  if (isRepairing(dataDir)) return [{ file: REPAIRING, problem: 'A repair was interrupted.', healed: null }];
  dropForeignLogs(dataDir, await heldAgainstSeal(dataDir));
  const { state, close } = await readState(dataDir);
  let found: Finding[];
  try {
    found = findingsOf(state);
  } finally {
    close();
  }
  if (found.some(({ healed }) => healed === null)) return found;
  removeSeal(dataDir);
  if (found.some(({ file }) => file === 'search.db')) dropSearch(dataDir);
  adoptPositions(dataDir, state);
  await listUnknown(dataDir, state, clock);
  return found;
};

/**
 * A clean stop leaves no write-ahead logs. If there is one all the same, it belongs to another file, unless a copy was
 * restored together with its write-ahead log.
 */
const dropForeignLogs = (dataDir: string, sealed: ReadonlyMap<DatabaseFile, Sealed> | null): void => {
  for (const name of DATABASES)
    if ((sealed?.get(name) === 'same' || sealed?.get(name) === 'missing') && walBytes(dataDir, name) > 0)
      for (const end of ['-wal', '-shm']) rmSync(join(dataDir, name + end), { force: true });
};

/** The index is rebuilt from the entities; their change stream is read from its start. */
const dropSearch = (dataDir: string): void => {
  for (const end of ['-wal', '-shm', '']) rmSync(join(dataDir, `search.db${end}`), { force: true });
  const views = openSqlite(join(dataDir, 'views.db'), '');
  views.prepare('DELETE FROM cells WHERE partition = ? AND sort = ?').run(indexedKey.partition, indexedKey.sort);
  views.close();
};

/** Files from before positions were kept get the positions of the checkpoints. */
const adoptPositions = (dataDir: string, { views, entities, search }: FolderState): void => {
  if (views === null || entities === null || (entities.reached !== null && search?.reached !== null)) return;
  const store = openSqlite(join(dataDir, 'entities.db'), POSITIONS);
  const of = positions(store);
  if (entities.reached === null)
    for (const [key, upTo] of views.checkpoints) if (key.startsWith('materialize#')) of.reached(key.slice('materialize#'.length), upTo);
  const indexed = views.checkpoints.get(indexedKey.sort);
  if (indexed !== undefined && search !== null && search.reached === null) {
    const index = openSqlite(join(dataDir, 'search.db'), POSITIONS);
    positions(index).reached(changesOf(of.identity()), indexed);
    index.close();
  }
  store.close();
};

/** Generations that are in the lake but not in the list: their files are removed, and their numbers are not used again. */
const listUnknown = async (dataDir: string, { views, lake }: FolderState, clock: () => number): Promise<void> => {
  const newest = views?.generations.reduce((a, b) => (a > b ? a : b), '') ?? '';
  const unknown = views === null ? [] : lake.generations.filter((id) => id > newest);
  if (unknown.length === 0) return;
  const store = sqliteCells({ path: join(dataDir, 'views.db'), clock });
  const list = generations(store);
  for (const id of unknown) {
    const { id: listed } = await list.requestAfter(Number(id.slice(1)) - 1, clock());
    await list.update(listed, { state: 'retired' });
  }
  store.close();
};
