import { z } from 'zod';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { speedLayer } from '../../shared/speed/aggregate.ts';
import { differencesOf, leftBy } from './both-paths.ts';

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const hits = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count(), n: sum(hit.n) } }) } });
const lineOf = (n: number) =>
  JSON.stringify({ id: `${n}`, source: '/s', type: 'hit', time: '2026-11-21T10:07:00.000Z', data: { at: '2026-11-21T10:07:00.000Z', n } });

test('given a Node.js without WebAssembly, then all events go the general path, and it says so once', async () => {
  const { WebAssembly } = globalThis as { WebAssembly?: unknown };
  const warned: string[] = [];
  try {
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    const warning: typeof speedLayer = (ports) => speedLayer({ ...ports, telemetry: { ...ports.telemetry, warn: (message) => void warned.push(message) } });
    const batches = [[[lineOf(0), lineOf(1)]]];
    const [fast, general] = [await leftBy(warning, hits, batches, true), await leftBy(speedLayer, hits, batches, false)];
    expect([fast.fast, differencesOf(fast, general)]).toEqual([0, []]);
    expect(general.counted.folded).toBe(2);
    expect(warned).toEqual(['The kernel cannot run here: all events cost a little more CPU']);
  } finally {
    Object.assign(globalThis, { WebAssembly });
  }
});
