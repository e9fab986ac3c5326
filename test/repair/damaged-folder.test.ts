import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFolder } from '../../local/check/check.ts';
import { repairFolder } from '../../local/repair/run.ts';
import { writeSeal } from '../../shared/adapters/files/folder-seal.ts';
import { changesOf } from '../../shared/adapters/sqlite/positions.ts';
import { readProgress } from '../../shared/consume/horizon.ts';
import { type Random, random, seeds } from '../../testing/random.ts';
import { isLong } from '../support/long.ts';
import { NOW, type Note, notesOf, pipeline, postNotes, type Side, sidesOf, sumsOf, takeAll } from '../support/notes.ts';
import { type System, system } from '../support/system.ts';
import { DUPLICATE_WINDOW_MS, EPOCH_MS } from '../support/system-platform.ts';
import { quiet } from '../support/world.ts';

const CASES = Number(process.env.CASES ?? (isLong ? 24 : 8));
const home = mkdtempSync(join(tmpdir(), 'twinstream-damaged-'));
const [now, older, other] = [join(home, 'now'), join(home, 'older'), join(home, 'other')];
let nowMs = NOW;
let posted: Note[] = [];
/** What the other folder was sent. */
let elsewhere: Note[] = [];
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What the host's pollers note once a consumer has taken a batch. */
const notePollers = async ({ store, entities, parts }: System): Promise<void> => {
  for (const [shard, { upTo }] of await readProgress(store, 'materialize')) {
    entities.reached(shard, upTo);
    await checkpoint(`materialize#${shard}`, upTo);
  }
  const { records } = await entities.read('changes', '', { records: 100_000, bytes: 1e9 });
  const last = records.at(-1)?.sequenceNumber;
  if (last === undefined) return;
  (parts.index as unknown as { reached(shard: string, upTo: string): void }).reached(changesOf(entities.identity()), last);
  await checkpoint('index-entities#changes', last);

  async function checkpoint(sort: string, version: string): Promise<void> {
    const key = { partition: 'checkpoints', sort };
    const [before] = await store.get([key]);
    await store.put([{ cell: { ...key, version, body: Buffer.alloc(0) }, expected: before?.version ?? null, expiresAtMs: null }]);
  }
};

/** History in generations, speed layer, entities and quarantine; `halfway` is called in the middle of it, while nothing is open. */
const live = async (root: string, seed: number, halfway: () => Promise<void>): Promise<Note[]> => {
  const r = random(seed);
  const notes: Note[] = [];
  const post = async (world: System, name: string) => {
    const some = notesOf(r, `${seed}-${name}`, 30);
    await postNotes(world, some);
    await world.post('/events/note', '{"id":1}', {});
    notes.push(...some);
    await takeAll(world);
  };
  let world = await system({ pipeline, shards: 2, startMs: nowMs, root });
  await post(world, 'a');
  await world.publish();
  await post(world, 'b');
  await notePollers(world);
  nowMs = world.clock();
  await world.leave();
  await halfway();
  world = await system({ pipeline, shards: 2, startMs: nowMs, root });
  await post(world, 'c');
  await world.publish();
  await post(world, 'd');
  await notePollers(world);
  nowMs = world.clock();
  await world.leave();
  return notes;
};

beforeAll(async () => {
  posted = await live(now, 1, async () => cpSync(now, older, { recursive: true }));
  elsewhere = await live(other, 2, async () => {});
}, 120_000);

/** What a host does at start for an index that is missing or another pipeline's, and for changes after the checkpoint. */
const startIndex = async (world: System): Promise<void> => {
  await world.reindex({});
  const [checkpoint] = await world.store.get([{ partition: 'checkpoints', sort: 'index-entities#changes' }]);
  if (checkpoint === null) await world.index();
};

const filesIn = (root: string, at = ''): string[] =>
  readdirSync(join(root, at), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(root, `${at}${entry.name}/`) : /(-wal|-shm)$/.test(entry.name) ? [] : [at + entry.name],
  );

/** Does something to one file, and says what. */
const harm = (r: Random, root: string, isSealed: boolean): string => {
  const files = filesIn(root).filter((file) => file !== 'seal.json');
  const databases = files.filter((file) => file.endsWith('.db'));
  const file = r.chance(0.5) ? r.pick(databases) : r.pick(files);
  const path = join(root, file);
  const kinds = ['cut', 'delete', 'swap', 'flip'] as const;
  // Nothing vouches for every byte of a database after a crash.
  const kind = r.pick(file.endsWith('.db') && !isSealed ? kinds.slice(0, 3) : kinds);
  if (kind === 'delete') for (const end of file.endsWith('.db') ? ['', '-wal', '-shm'] : ['']) rmSync(path + end, { force: true });
  else if (kind === 'cut') truncateSync(path, r.integer(0, readFileSync(path).length - 1));
  else if (kind === 'flip') {
    const bytes = readFileSync(path);
    for (let i = 0; i < 4; i++) {
      const at = r.integer(0, bytes.length - 1);
      bytes[at] = (bytes[at] as number) ^ (1 << r.integer(0, 7));
    }
    writeFileSync(path, bytes);
  } else {
    const from = r.pick([
      join(older, file),
      join(other, file),
      ...(file.endsWith('.db') ? [] : [join(root, r.pick(files.filter((one) => one !== file && !one.endsWith('.db'))))]),
    ]);
    if (!existsSync(from) || readFileSync(from).equals(readFileSync(path))) return harm(r, root, isSealed);
    for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
    copyFileSync(from, path);
    return `${file} replaced by ${from.slice(home.length + 1)}`;
  }
  return `${file} ${kind}`;
};

const NAMES = /[\w=./-]+\.(db|parquet|ndjson\.gz|json\.gz|json)/;
/** Right, or an error that names a file; never another number. */
const expectRightOrNamed = (what: string, sides: Record<string, Side>, sums: ReturnType<typeof sumsOf>): boolean => {
  let isRight = true;
  for (const [name, side] of Object.entries(sides)) {
    if ('sums' in side) expect({ what, name, sums: side.sums }).toEqual({ what, name, sums });
    else {
      isRight = false;
      expect({ what, name, detail: side.detail }).toEqual({ what, name, detail: expect.stringMatching(NAMES) });
    }
  }
  return isRight;
};

test.each(seeds(CASES))(
  'seed %i: a harmed file gives right answers or an error that names it, and a repair makes them right or says what is lost',
  async (seed) => {
    const r = random(seed);
    const root = mkdtempSync(join(home, 'case-'));
    cpSync(now, root, { recursive: true });
    const isSealed = r.chance(0.5);
    if (isSealed) await writeSeal(root);
    const what = `${isSealed ? 'sealed' : 'not sealed'}: ${harm(r, root, isSealed)}`;
    // Who puts another folder's log into this one gets its events too: they may have been acknowledged here.
    const sums = sumsOf(what.includes('log.db replaced by other') ? [...posted, ...elsewhere] : posted);
    const clock = () => nowMs;
    let lost: readonly string[] = [];
    const repair = async () => {
      lost = await repairFolder({
        dataDir: root,
        pipeline,
        epochLengthMs: EPOCH_MS,
        duplicateWindowMs: DUPLICATE_WINDOW_MS,
        memoryBytes: 2 ** 30,
        shards: 2,
        clock,
        telemetry: quiet,
        say: () => {},
      });
    };
    const found = await checkFolder(root, clock);
    if (found.some(({ healed }) => healed === null)) await repair();
    let world = await system({ pipeline, shards: 2, startMs: nowMs, root });
    try {
      await startIndex(world);
      if (lost.length === 0 && !expectRightOrNamed(what, await sidesOf(world), sums)) {
        // The batch layer makes what it can anew; what it cannot is a repair's.
        await world.publish();
        if (!expectRightOrNamed(what, await sidesOf(world), sums)) {
          await world.leave();
          await repair();
          world = await system({ pipeline, shards: 2, startMs: nowMs, root });
        }
      }
      const sides = await sidesOf(world);
      if (lost.length === 0) expect({ what, isRight: expectRightOrNamed(what, sides, sums) }).toEqual({ what, isRight: true });
      // All sides lack the same.
      else expect({ what, entities: sides.entities, search: sides.search }).toEqual({ what, entities: sides.metric, search: sides.metric });
      const after = notesOf(r, `after-${seed}`, 10);
      const before = sides.metric;
      await postNotes(world, after);
      await takeAll(world);
      const grown = (await sidesOf(world)).metric;
      const events = (side: Side) => ('sums' in side ? Object.values(side.sums).reduce((sum, [n]) => sum + n, 0) : Number.NaN);
      expect({ what, grown: events(grown) - events(before) }).toEqual({ what, grown: after.length });
    } finally {
      await world.leave();
      rmSync(root, { recursive: true, force: true });
    }
  },
);
