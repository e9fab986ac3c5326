import { type Host, startHost } from '../../testing/host.ts';
import { demand, until } from './bench.ts';

/** A host that counts hits, whose batch layer runs when it is asked to. */
export const hitsHost = (path: string, env: Readonly<Record<string, string>> = {}): Promise<Host> =>
  startHost({ DATA_DIR: path, EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn', PIPELINE: 'bench/support/hits-pipeline.ts', ...env });

/** Posts lines of hits. @param key by which a request is idempotent. */
export const postHits = async (host: Host, lines: readonly string[], key: string): Promise<void> => {
  const { status, json } = await host.post('/events/hit', `${lines.join('\n')}\n`, { 'content-type': 'application/x-ndjson', 'idempotency-key': key });
  demand('A post of hits', { status, accepted: json.accepted }, { status: 202, accepted: lines.length });
};

/** Waits until every answer has so many hits. */
export const visible = (host: Host, hits: number, range: string): Promise<void> =>
  until(`${hits} hits in the answer`, async () => {
    const { json } = await host.get<{ hits: number }>(`/metrics/hits?${range}&every=all&measures=hits`);
    const seen = json.rows[0]?.hits ?? 0;
    if (seen > hits) throw new Error(`Expected ${hits} hits in the answer, got ${seen}`);
    return seen === hits;
  });

/** Has the batch layer take in all that came until now. */
export const recomputed = async (host: Host): Promise<void> => {
  const { status } = await host.post('/recompute', '');
  demand('POST /recompute', status, 202);
  await until('a generation', async () => {
    const { json } = await host.get('/generations');
    return json.generations.length > 0 && json.generations.every(({ state }) => state === 'published');
  });
};
