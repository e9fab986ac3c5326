import { z } from 'zod';
import { count, definePipeline, entity, event, latest, top } from '../../shared/pipeline.ts';
import type { Presented, SearchDocument, SearchIndex } from '../../shared/ports/search-index.ts';
import type { SearchSchema } from '../../shared/ports/search-question.ts';
import { parseParameters } from '../../shared/request/parameters.ts';
import { encodePlace } from '../../shared/search/cursor.ts';
import { parseQuestion } from '../../shared/search/question.ts';
import { schemaOf } from '../../shared/search/schema.ts';

/** In what engines differ, by name. */
export interface Engine {
  /** Whether a word with a letter wrong is found. */
  readonly findsTypos: boolean;
  /** Whether ß, æ and œ are found as ss, ae and oe. */
  readonly spellsOut: boolean;
}
/** An index without anything in it. */
export interface Made {
  readonly index: SearchIndex;
  /** Until what was written is found. */
  readonly settle: () => Promise<void>;
}

const edit = event(z.object({ at: z.iso.datetime(), page: z.string(), user: z.string(), size: z.number().nullable(), isRobot: z.boolean() }), { time: 'at' });
const { entities } = definePipeline({
  events: { edit },
  metrics: {},
  entities: {
    page: entity(edit, {
      key: edit.page,
      fields: {
        title: latest(edit.page),
        editor: latest(edit.user),
        lastEdit: latest(edit.at),
        edits: count(),
        size: latest(edit.size),
        robot: latest(edit.isRobot),
        editors: top(edit.user),
      },
      search: ['title', 'editor'],
    }),
  },
});
export const PAGES: SearchSchema = schemaOf(entities.page as (typeof entities)[string]);
export const NOW = Date.parse('2026-11-21T10:00:00.000Z');

export const page = (key: string, fields: Presented = {}, version = 1): SearchDocument => ({ key, version, fields: { title: key, ...fields } });
export const q = (text: string) => `q=${encodeURIComponent(text)}`;

/** An index to write to and to ask. */
export const searching = async (make: () => Promise<Made>, schema: SearchSchema = PAGES) => {
  const { index, settle } = await make();
  const write = async (...documents: readonly SearchDocument[]) => {
    const written = await index.write(schema, documents);
    await settle();
    return written;
  };
  const ask = async (query: string) => {
    const { id, ...question } = parseQuestion(parseParameters(query), schema, NOW);
    const { total, hits, next } = await index.search(schema, question);
    return { total, hits, cursor: next === null ? null : encodePlace(next, id) };
  };
  const keys = async (query: string) => (await ask(query)).hits.map(({ key }) => key);
  return { write, ask, keys };
};
