import { compileMeasures } from '../../shared/fold/metric.ts';
import { cutting } from '../../shared/query/cut.ts';
import { gathering } from '../../shared/query/gather.ts';
import { wholeRange } from '../../shared/query/panes.ts';
import { layerReader } from '../../shared/query/read.ts';
import { allowance, READ_LIMITS } from '../../shared/request/allowance.ts';
import { UTC } from '../../shared/request/calendar.ts';
import { UNLIMITED } from '../../shared/request/http.ts';
import { metricId } from '../../shared/storage/keys.ts';
import { EVENTS, NOW, pipeline } from '../support/edits.ts';
import { system } from '../support/system.ts';

test('given several parts of an answer that read the same views, then each row is read once, and each part gets its own measures', async () => {
  const world = await system({ pipeline, shards: 1, startMs: Date.parse(NOW) });
  try {
    await world.post('/events/edit', JSON.stringify(EVENTS.slice(0, 4)), { 'idempotency-key': 'a' });
    await world.drain();
    await world.publish();
    const { edits } = pipeline.metrics;
    if (edits === undefined) throw new Error('Expected the metric edits');
    const { definition } = edits;
    const range = { fromMs: Date.parse('2015-09-01'), toMs: Date.parse('2015-11-01') };
    const rows = async (parts: readonly (readonly number[])[]) => {
      let read = 0;
      const allowed = allowance(UNLIMITED, READ_LIMITS);
      const counted = { ...allowed, take: (what: keyof typeof READ_LIMITS, n: number) => void (read += what === 'rows' ? n : 0) };
      const gathers = parts.map((reads) => {
        const measures = reads.map((i) => compileMeasures(definition.measures)[i] as ReturnType<typeof compileMeasures>[number]);
        return gathering({ calendar: UTC, filters: [], splits: null }, [], range, wholeRange(range), measures, reads, true, counted);
      });
      await layerReader(world.parts).batch(await cutting(world.parts)(), metricId(edits), definition, gathers, counted);
      const presented = gathers.map((gathered, i) =>
        gathered.groups().map(({ states }) => parts[i]?.map((at, place) => compileMeasures(definition.measures)[at]?.measure.present(states[place]))),
      );
      return [read, presented] as const;
    };
    const [first, [[of0] = []]] = await rows([[0]]);
    const [second, [[of1] = []]] = await rows([[1]]);
    expect(of0).not.toEqual(of1);
    expect(first).toBe(second);
    expect(await rows([[1], [0], [0, 1]])).toEqual([first, [[of1], [of0], [[...(of0 ?? []), ...(of1 ?? [])]]]]);
  } finally {
    await world.close();
  }
});
