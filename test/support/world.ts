import { z } from 'zod';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { count, definePipeline, entity, event, latest, metric, sum, uniques } from '../../shared/pipeline.ts';
import type { Cell, CellStore } from '../../shared/ports/cell-store.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import type { Random } from '../../testing/random.ts';

const hit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int() }), { time: 'at' });
export const hits = definePipeline({
  events: { hit },
  metrics: {
    hits: metric(hit, { buckets: 2, dimensions: { page: hit.page }, measures: { hits: count(), n: sum(hit.n), last: latest(hit.n) } }),
    odd: metric(hit, { window: '1h', measures: { hits: count(), pages: uniques(hit.page) } }),
  },
  entities: { page: entity(hit, { key: hit.page, fields: { hits: count(), n: sum(hit.n), last: latest(hit.at) } }) },
});

export const LANES = 4;

export const quiet: Telemetry = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, count: () => {}, gauge: () => {}, observe: () => {} };

/** Fails at random, before or after the work was done, and lets others in between: what crashes, time-outs and zombies look like. */
export interface Faults {
  rate: number;
}
export const faulty = <P extends object>(port: P, r: Random, faults: Faults): P =>
  new Proxy(port, {
    get: (target, name) => {
      const value = target[name as keyof P];
      if (typeof value !== 'function' || name === 'list') return value;
      return async (...args: unknown[]) => {
        for (let i = r.integer(0, 4); i > 0; i--) await null;
        if (r.chance(faults.rate)) throw new Error(`Crashed before ${String(name)}`);
        const partial = name === 'put' && Array.isArray(args[0]) && args[0].length > 1 && r.chance(faults.rate);
        if (partial) {
          await (value as (writes: unknown) => Promise<unknown>)((args[0] as unknown[]).filter(() => r.chance(0.5)));
          throw new Error('Crashed in the middle of put');
        }
        const result: unknown = await value.apply(target, args);
        for (let i = r.integer(0, 4); i > 0; i--) await null;
        if (r.chance(faults.rate)) throw new Error(`Crashed after ${String(name)}`);
        return result;
      };
    },
  });

export const memoryCells = (clock: () => number): CellStore & { close(): void } => sqliteCells({ path: ':memory:', clock });

export const everyCell = async (store: CellStore, partition: string): Promise<readonly Cell[]> => store.query({ partition, from: '', to: '~' });
