import pipeline from '#pipeline';
import { cellStore, clock, eventLog, lake, onLambda, startRecompute, telemetry } from '#platform';
import { generations } from '../shared/batch/generations.ts';
import { EMPTY_MANIFEST, readManifest } from '../shared/batch/manifest.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { TABLE } from '../shared/definition/lookup.ts';
import { describeVersions, parsePut, VERSION_ID } from '../shared/lookups/lookup-request.ts';
import { parseTable } from '../shared/lookups/parse-table.ts';
import { lookupsByTable, type PublishPorts, publisher } from '../shared/lookups/publish.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import { bodyOf, type HttpHandler, json } from '../shared/request/http.ts';
import { fitting } from '../shared/request/page.ts';
import { pageOf } from '../shared/request/page-parameters.ts';
import { parseParameters } from '../shared/request/parameters.ts';
import { badRequest, notFound, unsupported } from '../shared/request/problem.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

/** POST /lookups/{table}, GET /lookups and DELETE /lookups/{table}/{version}: reference data that metrics look up. */
export const lookups = (ports: PublishPorts & { startRecompute: () => Promise<void> }): HttpHandler => {
  const { pipeline, store, lake, clock, telemetry, startRecompute } = ports;
  const published = publisher(ports);
  const list = generations(store);
  const tables = lookupsByTable(pipeline);
  const described = async () => {
    const active = await list.active();
    const manifest = active === null ? EMPTY_MANIFEST : await readManifest(lake, list, active.id);
    return describeVersions(await published.list(), manifest.lookups ?? 0);
  };
  const versionOf = async (id: string) => {
    const found = (await described()).find((one) => one.id === id);
    if (found === undefined) throw notFound(`There is no version '${id.slice(0, 64)}'.`);
    return found;
  };
  /** Requests the generation from which on both layers agree. */
  const recompute = async (): Promise<string> => {
    const { id } = await list.request(clock(), clock());
    await startRecompute();
    return id;
  };

  return answering<'lookups'>(telemetry, {
    'POST /lookups/{table}': async (request) => {
      const { table } = request.pathParameters;
      if (!TABLE.test(table)) throw badRequest(`Expected a table's name of letters, digits, _ and - that starts with a letter, got '${table.slice(0, 64)}'`);
      const type = request.headers['content-type'] ?? '';
      if (!/^text\/csv\s*(;|$)/i.test(type)) throw unsupported(`Expected Content-Type: text/csv, got '${type.slice(0, 100)}'.`);
      const { from, note } = parsePut(parseParameters(request.query));
      const { version, isNew } = await published.put(table, parseTable(bodyOf(request), tables.get(table) ?? []), from, note);
      if (!isNew) return json(200, await versionOf(version.id), { location: '/lookups' });
      const generation = await recompute();
      telemetry.info('Published reference data', { table, version: version.id, generation });
      return json(202, { ...(await versionOf(version.id)), generation }, { location: '/lookups' });
    },
    'GET /lookups': async ({ query }) => {
      const { limit, after } = pageOf(query, VERSION_ID, 'the id of a version such as v000001');
      const older = (await described()).reverse().filter(({ id }) => after === null || id < after);
      const page = fitting(older.slice(0, limit));
      const next = page.length < older.length ? (page.at(-1)?.id ?? null) : null;
      return json(200, { tables: [...tables.keys()], versions: page, next }, { 'cache-control': 'no-store' });
    },
    'DELETE /lookups/{table}/{version}': async (request) => {
      const { table, version } = request.pathParameters;
      await published.undo(table, version);
      const generation = await recompute();
      telemetry.info('Undid reference data', { table, version, generation });
      return json(202, { ...(await versionOf(version)), generation }, { location: '/lookups' });
    },
  });
};

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  { cellStore, clock, eventLog, lake, startRecompute, telemetry }: Pick<Platform, 'cellStore' | 'clock' | 'eventLog' | 'lake' | 'startRecompute' | 'telemetry'>,
) => lookups({ pipeline, telemetry: telemetry(), store: cellStore(), log: eventLog(), lake: lake(), clock, startRecompute });

export const handler = onLambda(() => onApiGateway(bind(pipeline, { cellStore, clock, eventLog, lake, startRecompute, telemetry })));
