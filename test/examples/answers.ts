import { readFileSync } from 'node:fs';
import type { BatchSide } from '../support/parity.ts';
import { type System, system } from '../support/system.ts';
import { type Domain, questionsOf } from './domain.ts';
import { orders } from './orders.ts';
import { pageViews } from './page-views.ts';
import { sensors } from './sensors.ts';
import { serviceLogs } from './service-logs.ts';
import { wikipedia } from './wikipedia.ts';

export const domains: readonly Domain[] = [wikipedia, orders, pageViews, sensors, serviceLogs] as readonly Domain[];

/** Rows of a metric, or entities, by question. */
export type Answers = Readonly<Record<string, readonly unknown[]>>;
export const goldenFile = (name: string): string => `examples/${name}.json`;
export const goldenAnswers = (name: string): Answers => JSON.parse(readFileSync(`test/golden/${goldenFile(name)}`, 'utf8')) as Answers;

interface Hit {
  readonly key: string;
  readonly entity: Readonly<Record<string, unknown>>;
}
const START_MS = Date.parse('2026-11-21T10:00:00Z');
const BODY_EVENTS = 1_000;

/** An example on a system of its own. */
export const playing = async ({ name, pipeline, type, events }: Domain, side?: BatchSide) => {
  const world: System = await system({ pipeline, shards: 2, startMs: START_MS, ...(side === undefined ? {} : { side }) });
  return {
    /** Sends the events of these indexes, and lets the speed layer and the entities take them. */
    send: async (isSent: (index: number) => boolean): Promise<void> => {
      const sent = events.filter((_, i) => isSent(i));
      for (let i = 0; i < sent.length; i += BODY_EVENTS) {
        const body = JSON.stringify(sent.slice(i, i + BODY_EVENTS));
        const { text } = await world.post(`/events/${type}`, body, { 'content-type': 'application/json' });
        expect(JSON.parse(text)).toEqual({ accepted: Math.min(BODY_EVENTS, sent.length - i), rejected: 0, errors: [] });
      }
      await world.drain();
      await world.materialize();
      await world.index();
    },
    /** Moves what was sent to the batch layer. */
    publish: async (): Promise<void> => {
      const published = await world.publish();
      const { generations } = (await world.get('/generations', {})).body;
      expect(generations.find(({ id }) => id === published?.id)).toMatchObject({ state: 'published', drift: 0 });
    },
    /** The answers, and by which layers. */
    ask: async (): Promise<{ answers: Answers; layers: { batch: boolean; speed: boolean } }> => {
      const answers: Record<string, readonly unknown[]> = {};
      const layers = { batch: false, speed: false };
      for (const question of questionsOf(name)) {
        const { status, text } = await world.get(question, {});
        if (status !== 200) throw new Error(`${question} answered ${status}: ${text}`);
        const { rows, hits, provenance } = JSON.parse(text) as { rows?: unknown[]; hits?: Hit[]; provenance?: { windows: { batch: number; speed: number } } };
        answers[question] = rows ?? (hits ?? []).map(({ key, entity }) => ({ key, ...entity }));
        layers.batch ||= (provenance?.windows.batch ?? 0) > 0;
        layers.speed ||= (provenance?.windows.speed ?? 0) > 0;
      }
      return { answers, layers };
    },
    close: () => world.close(),
  };
};
