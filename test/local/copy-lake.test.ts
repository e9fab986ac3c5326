import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyLake } from '../../local/backup.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-copy-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

test.each(['raw/epoch=1/1', 'raw/epoch=1/1-2-joined', 'raw/epoch=1/3'])(
  'given a host that joins raw files as %s while they are copied, then the copy has every line',
  async (joined) => {
    const root = join(temporary, 'lake');
    const host = folder({ root });
    for (const n of [0, 1, 2]) await host.put(`raw/epoch=1/${n}`, Buffer.from(`line ${n}`));
    const target = folder({ root: join(temporary, 'copy') });
    // Between two files of the list that is being copied.
    const joining: ObjectStore = {
      ...target,
      put: async (key, body) => {
        await target.put(key, body);
        if (key !== 'raw/epoch=1/0') return;
        await host.put(joined, Buffer.from('line 1 line 2'));
        await host.remove(['raw/epoch=1/1', 'raw/epoch=1/2'].filter((one) => one !== joined));
      },
    };
    await copyLake(root, joining);
    let lines = '';
    for await (const { key } of target.list('raw/', '')) lines += ` ${Buffer.from((await target.get(key)) ?? []).toString()}`;
    for (const n of [0, 1, 2]) expect(lines).toContain(`line ${n}`);
  },
);
