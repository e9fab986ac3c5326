// What a host takes in memory: at most while hits are posted as fast as it takes them, once they are all in answers, and at most
// while the batch layer takes them all in at once. `overload` has its memory under more than it can take.
// EVENTS=50000000 npm run bench -- memory
import { writeFileSync } from 'node:fs';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bench, IS_SMOKE, sizeOf, sleep } from './support/bench.ts';
import { hitAt, lineOf } from './support/hits.ts';
import { hitsHost, postHits, recomputed, visible } from './support/hits-host.ts';
import { memoryOf } from './support/memory-of.ts';

const EVENTS = sizeOf('EVENTS', 50_000_000, 20_000);
const SENDERS = 8;
const BODY = 5_000;
const FROM = Date.parse('2026-11-01T00:00:00.000Z');
const DAY = 86_400_000;
const RANGE = 'from=2026-11-01&to=2026-11-02';
/** Long enough for what it keeps for a while only. */
const SETTLED_MS = 10_000;

/** From here on, the peak is counted anew (proc(5)). */
const resetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

await bench(import.meta.url, {}, async () => {
  const temporary = temporaryFolder();
  const host = await hitsHost(temporary.path, IS_SMOKE ? {} : { EPOCH: '1m' });
  let next = 0;
  const sender = async () => {
    for (let n = (next += BODY) - BODY; n < EVENTS; n = (next += BODY) - BODY)
      await postHits(
        host,
        Array.from({ length: Math.min(BODY, EVENTS - n) }, (_, i) => lineOf(hitAt(n + i, EVENTS, FROM, DAY))),
        `memory-${n}`,
      );
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  await visible(host, EVENTS, RANGE);
  const posted = memoryOf(host.pid, 'VmHWM');
  await sleep(SETTLED_MS);
  const settled = memoryOf(host.pid, 'VmRSS');
  resetPeak(host.pid);
  await recomputed(host);
  await visible(host, EVENTS, RANGE);
  const recompute = memoryOf(host.pid, 'VmHWM');
  await host.stop();
  temporary.remove();
  return {
    figures: [
      { what: `while ${EVENTS} hits are posted, at most`, value: posted, unit: 'MB', most: 900 },
      { what: 'once they are in answers', value: settled, unit: 'MB', most: 900 },
      { what: 'while the batch layer takes them all in, at most', value: recompute, unit: 'MB', most: 1_536 },
    ],
    raw: { posted, settled, recompute },
  };
});
