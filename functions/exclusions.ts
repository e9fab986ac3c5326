import { cellStore, clock, lake, onLambda, settings, startRecompute, telemetry } from '#platform';
import { generations } from '../shared/batch/generations.ts';
import { EMPTY_MANIFEST, readManifest } from '../shared/batch/manifest.ts';
import { describeExclusion, EXCLUSION_ID, EXCLUSION_REQUEST, exclusionOf, MAX_EXCLUDED_IDS, MAX_EXCLUSIONS } from '../shared/exclusions/exclusion-request.ts';
import { type ExclusionsPorts, exclusions as listOf, notWithdrawn } from '../shared/exclusions/exclusions.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { type HttpHandler, json } from '../shared/request/http.ts';
import { fitting } from '../shared/request/page.ts';
import { pageOf } from '../shared/request/page-parameters.ts';
import { parsedBody } from '../shared/request/parsed-body.ts';
import { notFound, Problem } from '../shared/request/problem.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

/** POST /exclusions, GET /exclusions and DELETE /exclusions/{id}: events that were posted by mistake, left out of every answer. */
export const exclusions = (ports: ExclusionsPorts & { lake: ObjectStore; telemetry: Telemetry; startRecompute: () => Promise<void> }): HttpHandler => {
  const { store, lake, clock, telemetry, startRecompute } = ports;
  const stored = listOf(ports);
  const published = generations(store);
  const active = async () => {
    const pointer = await published.active();
    return pointer === null ? EMPTY_MANIFEST : readManifest(lake, published, pointer.id);
  };
  /** Requests the generation from which on both layers agree. */
  const recompute = async (epochMs: number): Promise<string> => {
    const { id } = await published.request(clock(), epochMs);
    await startRecompute();
    return id;
  };

  return answering<'exclusions'>(telemetry, {
    'POST /exclusions': async (request) => {
      const asked = parsedBody(request, EXCLUSION_REQUEST, '{"source":"/events/edit","ids":["e1"]} or {"source":…,"from":…,"to":…}');
      const wanted = exclusionOf(asked);
      const others = notWithdrawn(await stored.list());
      const ids = [...others, wanted].reduce((sum, { events }) => sum + ('ids' in events ? events.ids.length : 0), 0);
      if (others.length >= MAX_EXCLUSIONS || ids > MAX_EXCLUDED_IDS)
        throw new Problem(
          409,
          'too-many-exclusions',
          'There are too many exclusions',
          `Expected at most ${MAX_EXCLUSIONS} exclusions with ${MAX_EXCLUDED_IDS} ids in all, got ${others.length + 1} with ${ids}. Exclude a range of times instead, or withdraw some.`,
        );
      const exclusion = await stored.add(wanted, asked.note ?? null);
      const generation = await recompute(exclusion.epochs.fromMs);
      telemetry.info('Added an exclusion', { exclusion: exclusion.id, generation });
      return json(202, { ...describeExclusion(exclusion, await active()), generation }, { location: '/exclusions' });
    },
    'GET /exclusions': async ({ query }) => {
      const { limit, after } = pageOf(query, EXCLUSION_ID, 'the id of an exclusion such as x000001');
      const manifest = await active();
      const older = (await stored.list()).reverse().filter(({ id }) => after === null || id < after);
      const page = fitting(older.slice(0, limit).map((one) => describeExclusion(one, manifest)));
      return json(200, { exclusions: page, next: page.length < older.length ? (page.at(-1)?.id ?? null) : null }, { 'cache-control': 'no-store' });
    },
    'DELETE /exclusions/{id}': async (request) => {
      const id = request.pathParameters.id;
      const exclusion = await stored.remove(id);
      if (exclusion === null) throw notFound(`There is no exclusion '${id.slice(0, 64)}'.`);
      const generation = await recompute(exclusion.epochs.toMs ?? 0);
      telemetry.info('Withdrew an exclusion', { exclusion: id, generation });
      return json(202, { ...describeExclusion(exclusion, await active()), generation }, { location: '/exclusions' });
    },
  });
};

/** Over the ports of a platform. */
export const bind = ({
  cellStore,
  clock,
  lake,
  settings,
  startRecompute,
  telemetry,
}: Pick<Platform, 'cellStore' | 'clock' | 'lake' | 'settings' | 'startRecompute' | 'telemetry'>) =>
  exclusions({ telemetry: telemetry(), store: cellStore(), lake: lake(), clock, epochLengthMs: settings().epochLengthMs, startRecompute });

export const handler = onLambda(() => onApiGateway(bind({ cellStore, clock, lake, settings, startRecompute, telemetry })));
