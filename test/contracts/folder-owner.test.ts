import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadLettersFolder } from '../../shared/adapters/files/dead-letters-folder.ts';
import { readOnlyFolder } from '../../shared/adapters/files/folder.ts';
import { ownFolder } from '../../shared/adapters/files/folder-owner.ts';
import { quarantineFolder } from '../../shared/adapters/files/quarantine-folder.ts';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { sqliteEntities } from '../../shared/adapters/sqlite/entities.ts';
import { sqliteSearch } from '../../shared/adapters/sqlite/search.ts';
import { FolderOwnedError } from '../../shared/ports/folder-owned.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

const clock = () => Date.parse('2026-11-21T10:00:00Z');
let folder: ReturnType<typeof temporaryFolder>;
const umask = process.umask();
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  process.umask(umask);
  folder.remove();
});
const refusal = (work: () => unknown): FolderOwnedError => {
  try {
    work();
  } catch (error) {
    if (error instanceof FolderOwnedError) return error;
    throw error;
  }
  throw new Error('Expected it to be refused');
};

test('a folder has one owner at a time, and whoever comes second learns who, since when, where, and what to do', () => {
  const dataDir = join(folder.path, 'data');
  const owner = ownFolder(dataDir, { command: 'npm start', clock });
  const who = `${dataDir} belongs to process ${process.pid} (npm start), since 2026-11-21T10:00:00.000Z.`;
  const second = () => ownFolder(dataDir, { command: 'other', clock });
  const before = refusal(second);
  expect([before.message, before.url]).toEqual([`DATA_DIR: ${who} Stop it first, or use another DATA_DIR.`, null]);
  owner.listensOn('http://127.0.0.1:8080');
  const after = refusal(second);
  expect(after.message).toBe(`DATA_DIR: ${who} Ask it at http://127.0.0.1:8080, stop it first, or use another DATA_DIR.`);
  expect(after.url).toBe('http://127.0.0.1:8080');
  expect(JSON.parse(readFileSync(join(dataDir, 'owner.json'), 'utf8'))).toMatchObject({ command: 'npm start' });

  owner.release();
  expect(existsSync(join(dataDir, 'owner.json'))).toBe(false);
  second().release();
});

test('an owner that nothing is known of is refused all the same', () => {
  const owner = ownFolder(folder.path, { command: 'npm start', clock });
  for (const text of ['', '{', '{"pid":1}']) {
    writeFileSync(join(folder.path, 'owner.json'), text);
    expect(refusal(() => ownFolder(folder.path, { command: 'other', clock })).message).toContain('belongs to another process. Stop it first');
  }
  owner.release();
});

test('a folder that cannot be made is no owned one', () => {
  writeFileSync(join(folder.path, 'file'), '');
  expect(() => ownFolder(join(folder.path, 'file/data'), { command: 'x', clock })).toThrow(
    /^DATA_DIR: Expected a folder that can be written, got .+file\/data: /,
  );
});

test('every store of an owned folder is read, and what would write is refused; nothing in it changes', async () => {
  const path = (name: string) => join(folder.path, name);
  const cell = { partition: 'p', sort: 's', version: '1', body: Buffer.from('x') };
  const item = { entity: 'e@0123456789ab', key: 'k', version: 1, deleted: false, fields: { n: 1 }, state: new Uint8Array([1]) };
  const schema = { name: 'e', identity: 'e@1', fields: [] };
  const own = {
    cells: sqliteCells({ path: path('views.db'), clock }),
    entities: sqliteEntities({ path: path('entities.db'), clock }),
    search: sqliteSearch({ path: path('search.db') }),
  };
  await own.cells.put([{ cell, expected: null, expiresAtMs: null }]);
  await own.entities.put([{ item, expected: null }]);
  await own.search.write(schema, [{ key: 'k', version: 1, fields: {} }]);
  const before = readdirSync(folder.path, { recursive: true });

  const owned = new FolderOwnedError('Somebody else owns it.', null);
  const cells = sqliteCells({ path: path('views.db'), clock, owned });
  const entities = sqliteEntities({ path: path('entities.db'), clock, owned });
  const search = sqliteSearch({ path: path('search.db'), owned });
  const lake = readOnlyFolder({ root: folder.path, owned });
  expect(await cells.get([cell])).toMatchObject([{ version: '1' }]);
  expect(await entities.get([item])).toMatchObject([{ version: 1 }]);
  expect(await search.isCurrent(schema)).toBe(false);
  expect(await lake.get('views.db')).not.toBeNull();

  const writes: Readonly<Record<string, () => unknown>> = {
    'cells.put': () => cells.put([{ cell: { ...cell, version: '2' }, expected: '1', expiresAtMs: null }]),
    'cells.expire': () => cells.expire({ partition: 'p', from: '', to: '~' }, 0),
    'entities.put': () => entities.put([{ item: { ...item, version: 2 }, expected: 1 }]),
    'entities.remove': () => entities.remove([item]),
    'entities.trim': async () => entities.trim('1', clock() + 1),
    'search.write': () => search.write(schema, [{ key: 'k', version: 2, fields: {} }]),
    'search.begin': () => search.begin(schema),
    'search.finish': () => search.finish(schema, '1'),
    'lake.put': () => lake.put('x', new Uint8Array()),
    'lake.remove': () => lake.remove(['views.db']),
    'quarantine.deliver': () => quarantineFolder({ store: lake, clock }).deliver([Buffer.from('{"reason":"invalid"}')]),
    'deadLetters.remove': () => deadLettersFolder({ store: lake }).remove({ id: 'x' } as never),
  };
  for (const [name, write] of Object.entries(writes))
    expect([
      name,
      await Promise.resolve()
        .then(write)
        .catch((error: unknown) => error),
    ]).toEqual([name, owned]);
  expect(readdirSync(folder.path, { recursive: true })).toEqual(before);
  expect(await own.cells.get([cell])).toMatchObject([{ version: '1' }]);
  for (const store of [cells, entities, search, own.cells, own.entities, own.search]) store.close();
});
