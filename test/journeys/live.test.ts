import { join } from 'node:path';
import { createClient } from '../../client/client.ts';
import type pipeline from '../../pipeline.ts';
import { tokenFile } from '../../shared/adapters/files/token-file.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import { startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { sampleEdits } from '../support/sample.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

test('given a host with tokens, then a reader follows its numbers through a recompute, and the host stops all the same', async () => {
  const held = { write: createToken('write'), read: createToken('read'), admin: createToken('admin') };
  const file = tokenFile({ path: join(folder.path, 'tokens.json') });
  for (const { stored } of Object.values(held)) await file.add(stored);
  const as = (scope: keyof typeof held) => ({ authorization: `Bearer ${held[scope].token}` });
  const host = await startHost({ DATA_DIR: folder.path, EPOCH: '1s', RECOMPUTE_EVERY: '1h', SHARDS: '2', LOG_LEVEL: 'warn' });
  try {
    expect([(await host.get('/live')).status, (await host.get('/live', as('write'))).status]).toEqual([401, 403]);
    const client = createClient<typeof pipeline>(host.url, { token: held.read.token });
    const control = new AbortController();
    const messages = client.live('edits', { signal: control.signal });
    const next = async () => (await messages.next()).value ?? { windows: [], more: undefined };
    expect(await next()).toMatchObject({ metric: 'edits', more: true });

    const edits = sampleEdits().slice(0, 60);
    for (const [i, edit] of edits.entries()) {
      const { status } = await host.post('/events/edit', JSON.stringify(edit), { 'idempotency-key': `${i}`, ...as('write') });
      expect(status).toBe(202);
    }
    const day = { from: '2015-09-12', to: '2015-09-13', every: '1m' } as const;
    const known = new Map<string, unknown>();
    const total = () => [...known.values()].reduce<number>((sum, row) => sum + (row as { edits: number }).edits, 0);
    while (total() < edits.length) for (const row of (await next()).windows) known.set(row.window, row);
    expect([...known].sort().map(([, row]) => row)).toEqual((await client.ask('edits', day)).rows);

    expect((await host.post('/recompute', '', as('admin'))).status).toBe(202);
    let message = await next();
    while (message.more !== true) message = await next();
    const { rows, provenance } = await client.ask('edits', day);
    expect([rows, provenance.generation === null]).toEqual([[...known].sort().map(([, row]) => row), false]);

    const ended = expect(messages.next()).rejects.toThrow('enough');
    expect(await host.stop()).toBe(0);
    control.abort(new Error('enough'));
    await ended;
  } finally {
    await host.kill();
  }
});
