import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realFiles } from '../../agent/channel/files.ts';
import { encodeEntry, encodeHead, entryAt, headOf } from '../../agent/channel/frame.ts';
import { segmentChannel } from '../../agent/channel/segment-channel.ts';
import type { Channel } from '../../agent/ports/channel.ts';
import { ChannelFullError } from '../../agent/ports/channel.ts';
import type { Chunk } from '../../agent/ports/source.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

// The contract of a channel, on a real file system; test/agent/faults.test.ts ends it at every write.

const root = temporaryFolder();
afterAll(root.remove);
let folders = 0;
const open = (folder: string, maxBytes = 10_000) => segmentChannel({ folder, files: realFiles, maxBytes, segmentBytes: 500, note: () => {} });
const newFolder = () => `${root.path}/${folders++}`;
const chunk = (n: number, given: Partial<Chunk> = {}): Chunk => ({
  stream: 's',
  position: { n },
  ids: null,
  type: 'edit',
  header: null,
  events: 1,
  body: Buffer.from(`{"n":${n}}\n`),
  ...given,
});
const all = async (channel: Channel) => {
  const entries = [];
  for (let from = channel.delivered().place; ; ) {
    const more = await channel.read(from, 100);
    entries.push(...more);
    const last = more.at(-1);
    if (last === undefined) return entries;
    from = last.end;
  }
};
const texts = async (channel: Channel) => (await all(channel)).map(({ batch }) => batch.body.toString());

test('given chunks over several segments, then they are read in order, also by the next process, with the ids that they had', async () => {
  const folder = newFolder();
  const first = await open(folder);
  await Promise.all(Array.from({ length: 30 }, (_, n) => first.append(chunk(n))));
  for (let n = 30; n < 40; n++) await first.append(chunk(n));
  const before = await all(first);
  expect(before.map(({ batch }) => batch.body.toString())).toEqual(Array.from({ length: 40 }, (_, n) => `{"n":${n}}\n`));
  expect(new Set(before.map(({ batch }) => batch.key)).size).toBe(1);
  expect(before.map(({ batch }) => batch.at)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  await first.close();
  const second = await open(folder);
  expect(await all(second)).toEqual(before);
  expect(second.positionOf('s')).toEqual({ n: 39 });
  await second.append(chunk(40));
  expect((await all(second)).at(-1)?.batch).toMatchObject({ key: before[0]?.batch.key, at: 40 });
  await second.close();
});

test('given what was acknowledged, then the next process continues after it, with the state of the sink, and its room is free', async () => {
  const folder = newFolder();
  const first = await open(folder);
  for (let n = 0; n < 40; n++) await first.append(chunk(n));
  const [, , third] = await all(first);
  await first.acknowledge(third?.end ?? { segment: 0, offset: 0 }, { bytes: 7 });
  const last = (await all(first)).at(-1);
  await first.close();
  const second = await open(folder);
  expect(second.delivered().sink).toEqual({ bytes: 7 });
  expect((await texts(second))[0]).toBe('{"n":3}\n');
  await second.acknowledge(last?.end ?? { segment: 0, offset: 0 }, null);
  expect((await realFiles.list(folder)).filter((name) => name.endsWith('.segment'))).toHaveLength(1);
  expect(second.positionOf('s')).toEqual({ n: 39 });
  await second.close();
  const third2 = await open(folder);
  expect([await texts(third2), third2.positionOf('s')]).toEqual([[], { n: 39 }]);
  await third2.close();
});

test('given an unfinished write, then it is removed when the channel is opened, also what is whole of it', async () => {
  const folder = newFolder();
  const first = await open(folder);
  await first.append(chunk(0));
  await first.close();
  const [name = ''] = (await realFiles.list(folder)).filter((one) => one.endsWith('.segment'));
  const path = join(folder, name);
  const whole = readFileSync(path);
  const entry = encodeEntry({ batch: { type: 'edit', header: null, key: 'k', at: 0, events: 1, body: Buffer.from('{}\n') }, stream: 's', position: null });
  appendFileSync(path, Buffer.concat([Buffer.alloc(entry.length), entry]));
  const second = await open(folder);
  expect(readFileSync(path)).toEqual(whole);
  expect(await texts(second)).toEqual(['{"n":0}\n']);
  await second.close();
});

test('given no room, then an append is refused and nothing of it is kept, until there is room', async () => {
  const channel = await open(newFolder(), 2_000);
  let n = 0;
  await expect(
    (async () => {
      for (; n < 1_000; n++) await channel.append(chunk(n));
    })(),
  ).rejects.toThrow(ChannelFullError);
  expect(channel.positionOf('s')).toEqual({ n: n - 1 });
  const end = (await all(channel)).at(-1)?.end;
  let changes = 0;
  const unsubscribe = channel.onChange(() => changes++);
  await channel.acknowledge(end ?? { segment: 0, offset: 0 }, null);
  expect(changes).toBe(1);
  unsubscribe();
  await channel.append(chunk(n));
  expect(await texts(channel)).toEqual([`{"n":${n}}\n`]);
  await channel.close();
});

test('given ids, CSV, streams that are forgotten, and chunks without events, then they are kept as they are', async () => {
  const folder = newFolder();
  const channel = await open(folder);
  await channel.append(chunk(1, { ids: { key: 'k', at: 512 }, header: 'a,b', type: 'visit', stream: 'other' }));
  await channel.append(chunk(2, { events: 0, body: Buffer.alloc(0) }));
  await channel.append(chunk(3, { stream: 'other', position: null }));
  expect((await all(channel))[0]?.batch).toMatchObject({ key: 'k', at: 512, header: 'a,b', type: 'visit' });
  await channel.close();
  const next = await open(folder);
  expect(next.streams()).toEqual(['s']);
  await next.close();
});

test('the stored form of frames is pinned', () => {
  const head = { id: 'abc', given: 7, positions: { s: { n: 1 } } };
  const entry = { stream: 's', position: { n: 2 }, batch: { type: 'edit', header: null, key: 'abc.0', at: 7, events: 1, body: Buffer.from('{"n":2}\n') } };
  const pinned = (bytes: Buffer) => [bytes.toString('hex', 0, 8), bytes.toString('utf8', 8)];
  expect(pinned(encodeHead(head))).toEqual(['31000000c20ec7d7', '{"id":"abc","given":7,"positions":{"s":{"n":1}}}\n']);
  expect(pinned(encodeEntry(entry))).toEqual([
    '66000000abbb2afd',
    '{"stream":"s","position":{"n":2},"type":"edit","header":null,"key":"abc.0","at":7,"events":1}\n{"n":2}\n',
  ]);
  expect(headOf(encodeHead(head))?.head).toEqual(head);
  expect(entryAt(encodeEntry(entry), 0)?.entry).toEqual(entry);
});
