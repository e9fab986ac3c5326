// Bundled and run by host.test.ts: two hosts side by side in one process, and a third on the folder that the first one left.
import pipeline from '#pipeline';
import { startHost } from '../../local/host.ts';
import { readSettings } from '../../shared/platforms/embedded-settings.ts';

const { FIRST: first, SECOND: second } = process.env;
if (first === undefined || second === undefined) throw new Error('Expected two folders');
const settingsOf = (DATA_DIR: string, more: object = {}) => readSettings({ DATA_DIR, PORT: '0', EPOCH: '1s', SHARDS: '1', LOG_LEVEL: 'error', ...more });
const EDIT = {
  ...{ time: '2015-09-12T12:00:00Z', channel: '#en.wikipedia', namespace: 'Main', page: 'A', user: 'me', added: 1, deleted: 0, delta: 1 },
  ...{ isAnonymous: false, isMinor: false, isNew: false, isRobot: false, isUnpatrolled: false },
};
const post = async (url: string, count: number): Promise<void> => {
  const body = JSON.stringify(Array.from({ length: count }, () => EDIT));
  const { status } = await fetch(`${url}/events/edit`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (status !== 202) throw new Error(`Expected 202, got ${status}`);
};
const edits = async (url: string): Promise<number> => {
  const response = await fetch(`${url}/metrics/edits?from=2015-09-12&to=2015-09-13&every=all&measures=edits`);
  const { rows = [] } = (await response.json()) as { rows?: { edits: number }[] };
  return rows[0]?.edits ?? 0;
};
const shows = async (url: string, count: number): Promise<number> => {
  for (let looks = 0; looks < 500; looks++) {
    if ((await edits(url)) >= count) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return edits(url);
};
const refusal = (start: Promise<unknown>): Promise<string> =>
  start.then(
    () => 'started',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const a = await startHost(settingsOf(first), pipeline);
const b = await startHost(settingsOf(second), pipeline);
await post(a.url, 2);
await post(b.url, 3);
const counted = [await shows(a.url, 2), await shows(b.url, 3)];
const taken = await refusal(startHost(settingsOf(`${second}-other`, { PORT: new URL(b.url).port }), pipeline));
const owned = await refusal(startHost(settingsOf(second), pipeline));
await a.close();
const again = await startHost(settingsOf(first), pipeline);
const kept = await shows(again.url, 2);
await again.close();
await b.close();
console.log(JSON.stringify({ counted, taken, owned, kept }));
