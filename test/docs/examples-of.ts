import { readFileSync } from 'node:fs';
import { type System, system } from '../support/system.ts';
import { pipelineIn } from './pipeline-in.ts';

/** A page whose pipeline and events are in it, and below each query its answer: rows, a text or a status. */
export const describeExamples = (file: string, type: string): void => {
  const text = readFileSync(file, 'utf8');
  const [, events = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  const EXAMPLE = /```http\nGET (\S+)\n```\n\n`([^`\n]+)`/g;
  const examples = [...text.matchAll(EXAMPLE)].map(([, path = '', said = '']) => ({ path, said }));

  test('every query has its answer', () => expect([...text.matchAll(/```http/g)]).toHaveLength(examples.length));

  describe.each(['speed', 'batch'])('answers from %s', (side) => {
    let world: System;
    beforeAll(async () => {
      const startMs = Date.parse('2026-11-21T10:00:00.000Z') - (side === 'batch' ? 60_000 : 0);
      world = await system({ pipeline: await pipelineIn(text), shards: 1, startMs });
      const { body } = await world.post(`/events/${type}`, events, { 'content-type': 'application/json' });
      expect(body).toMatchObject({ accepted: (JSON.parse(events) as unknown[]).length, rejected: 0 });
      await world.drain();
      if (side === 'batch') await world.publish();
    });
    afterAll(() => world.close());

    /** The cut of the question that a path explains. */
    const cutOf = async (path: string): Promise<string> => {
      const question = path.replace('/explain', '').replace(/&(cut|window|group|measure|value|list)=[^&]*/g, '');
      const { cut } = (await world.get(question, {})).body.provenance as { readonly cut?: string | null };
      return String(cut);
    };

    test.each(examples)('GET $path', async ({ path, said }) => {
      const isList = path.includes('cut=CUT');
      const reply = await world.get(isList ? path.replace('CUT', await cutOf(path)) : path, {});
      const { events: listed, values } = (reply.body ?? {}) as unknown as { events?: readonly { data: unknown }[]; values?: unknown };
      if (/^\d+$/.test(said)) expect(reply.status).toBe(Number(said));
      else if (isList) expect([reply.status, values ?? listed?.map(({ data }) => data)]).toEqual([200, JSON.parse(said)]);
      else if (said.startsWith('[')) expect([reply.status, reply.body.rows]).toEqual([200, JSON.parse(said)]);
      else expect([reply.status, reply.text]).toEqual([200, JSON.parse(said)]);
    });
  });
};
