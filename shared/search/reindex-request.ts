import { z } from 'zod';
import type { Pipeline } from '../definition/define.ts';
import { type HttpHandler, json } from '../request/http.ts';
import { parsedBody } from '../request/parsed-body.ts';
import { notFound, Problem } from '../request/problem.ts';

/** The body of POST /reindex. */
export const REINDEX_REQUEST = z.strictObject({ entities: z.array(z.string()).min(1).max(100).optional().describe('By name; without it, all of them.') });

export interface ReindexRequestPorts {
  readonly pipeline: Pipeline;
  readonly hasSearch: boolean;
  /** Starts a run that rebuilds these indexes, and does not wait for it. */
  readonly requestReindex: (request: { readonly entities: readonly string[] }) => Promise<void>;
}

/** POST /reindex */
export const reindexRequest =
  ({ pipeline, hasSearch, requestReindex }: ReindexRequestPorts): HttpHandler =>
  async (request) => {
    const names = Object.keys(pipeline.entities);
    const { entities = names } = parsedBody(request, REINDEX_REQUEST, '{"entities":["page"]}');
    const unknown = entities.find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw notFound(
        `There is no entity '${unknown.slice(0, 64)}'. Expected ${names.length === 0 ? 'none: the pipeline has none' : `one of ${names.join(', ')}`}.`,
      );
    if (!hasSearch) throw new Problem(501, 'no-search', 'This stage has no search', 'Deploy it with search first.');
    if (entities.length > 0) await requestReindex({ entities });
    return json(202, { entities });
  };
