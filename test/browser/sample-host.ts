import type { Status } from '../../client/status.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { type Edit, recompute, sampleEdits } from '../support/sample.ts';
import { until } from '../support/until.ts';

const EDITS_A_REQUEST = 5_000;
/** The batch layer has what came before; the rest stays live. */
const BATCH_PART = 0.9;

const sent = async (host: Host, edits: readonly Edit[]): Promise<void> => {
  for (let i = 0; i < edits.length; i += EDITS_A_REQUEST) {
    const lines = edits.slice(i, i + EDITS_A_REQUEST).map((edit) => JSON.stringify(edit));
    const { status } = await host.post('/events/edit', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
    expect(status).toBe(202);
  }
};
const folded = (host: Host, total: number) => until(async () => ((await host.get('/status')).json as unknown as Status).events.total >= total);

/** The sample as if it happened in the 24 hours until now: nine tenths of it in batch, the rest live. For a test file. */
export const sampleHost = (): { readonly url: () => string; readonly host: () => Host } => {
  const folder = temporaryFolder();
  let host: Host;
  beforeAll(async () => {
    host = await startHost({ DATA_DIR: folder.path, EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn', SHARDS: '2' });
    const edits = sampleEdits();
    const laterMs = Date.now() - Date.parse(edits.at(-1)?.time ?? '');
    const moved = edits.map((edit) => ({ ...edit, time: new Date(Date.parse(edit.time) + laterMs).toISOString() }));
    const seam = Math.floor(moved.length * BATCH_PART);
    await sent(host, moved.slice(0, seam));
    await folded(host, seam);
    await recompute(host);
    await sent(host, moved.slice(seam));
    await folded(host, moved.length);
  });
  afterAll(async () => {
    await host?.kill();
    folder.remove();
  });
  return { url: () => host.url, host: () => host };
};
