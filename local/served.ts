import type { ReindexRequest } from '../functions/reindex.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import type { HttpHandler } from '../shared/request/http.ts';
import type { HttpServerPorts, ServedFunction } from './http-server.ts';
import type { Pools } from './pools.ts';
import type { Scheduler } from './scheduler.ts';

export interface ServedPorts {
  readonly ingest: HttpHandler;
  readonly page: HttpHandler;
  readonly stats: HttpHandler;
  readonly live: ServedFunction;
  /** Answers may be others now, whatever was posted. */
  readonly changedAtLarge: () => void;
  readonly work: Pools;
  /** Announces new records. */
  readonly wake: () => void;
  readonly tasks: Pick<Scheduler, 'now'>;
  readonly telemetry: Telemetry;
}

/** Answers a host's calls. Ingest and the page run in this thread, everything else in others; some calls start work after they are answered. */
export const served = ({ ingest, page, stats, live, changedAtLarge, work, wake, tasks, telemetry }: ServedPorts): HttpServerPorts['functions'] => {
  /** Work that somebody requested; its progress is in the log. */
  const startReindex = (request: ReindexRequest): void =>
    void work.batch('reindex', request).catch((error: Error) => telemetry.error('A search index could not be built', { error: error.message }));
  const generations = work.answered('generations');
  const quarantine = work.answered('quarantine');
  const lookups = work.answered('lookups');
  return {
    page,
    stats,
    live,
    ingest: async (request, context) => {
      const answer = await ingest(request, context);
      wake();
      return answer;
    },
    query: work.answered('query'),
    search: work.answered('search'),
    generations: async (request, context) => {
      const answer = await generations(request, context);
      if (request.route === 'POST /reindex' && answer.status === 202) startReindex(JSON.parse(String(answer.body)));
      if (request.route === 'POST /recompute') void tasks.now('recompute');
      if (request.route === 'POST /generations/{id}/activate') changedAtLarge();
      return answer;
    },
    events: work.answered('events'),
    exclusions: work.answered('exclusions'),
    explain: work.answered('explain'),
    letters: work.answered('letters'),
    lookups: async (request, context) => {
      const answer = await lookups(request, context);
      wake();
      return answer;
    },
    quarantine: async (request, context) => {
      const answer = await quarantine(request, context);
      wake();
      return answer;
    },
  };
};
