import { generations } from '../../shared/batch/generations.ts';
import type { HttpAnswer, HttpRequest } from '../../shared/request/http.ts';
import { httpRequest, textOf } from '../support/http-request.ts';
import { RUN_MS } from './plan.ts';
import { asSeenAt, type Request } from './requests.ts';
import { newProcess, type Process } from './scheduler.ts';
import type { World } from './world.ts';

type Answer = { readonly result: HttpAnswer; readonly process: Process } | null;

/** Everybody who calls a function but the pollers: clients, operators, schedules. */
export const callers = ({ begin, rest, run, read, log, turn, random, variant, now, note, complaints, store, advanceClock }: World) => {
  const acknowledged: Request[] = [];
  /** Of clients that went away: each of these events was taken once, or not at all. */
  const unknown: Request[] = [];

  /** A client that sends a request until it is acknowledged, or goes away once an answer leaves that open. */
  const post = async (planned: Request, leaves: boolean): Promise<void> => {
    const request = asSeenAt(planned, now());
    if (request === null) return;
    const client: Process = newProcess('client', 0);
    const type = request.path.split('/')[2];
    const sent = httpRequest(type === undefined ? 'POST /events' : 'POST /events/{type}', {
      headers: { ...request.headers },
      body: request.body,
      pathParameters: type === undefined ? {} : { type },
    });
    for (;;) {
      const answer = await run('ingest', variant().pipeline, true, (handler) => handler(sent));
      const status = answer?.result.status ?? null;
      const text = answer === null ? '{}' : textOf(answer.result);
      if (status === request.status) {
        const body = JSON.parse(text) as { accepted?: number; rejected?: number };
        const counts = [body.accepted ?? 0, body.rejected ?? 0];
        const expected = status === 202 || status === 422 ? [request.good.length, request.bad.length] : [0, 0];
        if (JSON.stringify(counts) !== JSON.stringify(expected)) complaints.push(`Expected an answer of ${expected}, got ${text}`);
        acknowledged.push(request);
        note('events acknowledged', request.good.length);
        note('events rejected', request.bad.length);
        return;
      }
      // A client that is told nothing, or to come again, comes again.
      if (status !== null && !(status === 503 && answer?.process.hurt)) complaints.push(`Expected ${request.status} or 503, got ${status} ${text}`);
      if (leaves) {
        unknown.push(request);
        note('clients that went away', 1);
        return;
      }
      note('requests sent again', 1);
      for (let waits = random().integer(0, 3); waits > 0; waits--) await turn(client);
    }
  };

  /** The deadlines of the runs of the batch layer: the platform ends one that comes to it. */
  const deadlines = new Map<Process, number>();
  const recompute = async (ms: number): Promise<void> => {
    await run('recompute', variant().pipeline, false, (handler, process) => {
      deadlines.set(process, now() + RUN_MS);
      let left = ms;
      // Time that passes with every look at it.
      return handler({}, { getRemainingTimeInMillis: () => (ms === RUN_MS ? ms : (left -= 2_000)) }).finally(() => deadlines.delete(process));
    });
    note('runs of the batch layer', 1);
  };
  const tick = (ms: number): void => {
    advanceClock(ms);
    for (const [process, atMs] of deadlines)
      if (now() >= atMs) {
        deadlines.delete(process);
        process.kill();
      }
  };
  const call = async (name: 'generations' | 'query', request: HttpRequest): Promise<Answer> =>
    run(name, variant().pipeline, false, (handler) => handler(request));
  const question = (path: string, parameters: string) => httpRequest('GET /metrics/{name}', { pathParameters: { name: path }, query: parameters });
  const get = async (path: string, parameters: string): Promise<Answer> => call('query', question(path, parameters));
  const getAsReader = (path: string, parameters: string): Promise<Answer> => read((handler) => handler(question(path, parameters)));

  const activate = async (place: number): Promise<void> => {
    const list = await call('generations', httpRequest('GET /generations'));
    const known = JSON.parse(list === null ? '{}' : textOf(list.result)) as { generations?: { id: string; state: string }[] };
    // The oldest first.
    const ready = (known.generations ?? []).filter(({ state }) => state === 'published').reverse();
    const id = ready[place % Math.max(1, ready.length)]?.id;
    if (id !== undefined) await activateOne(id);
  };
  const activateOne = async (id: string): Promise<void> => {
    const answer = await call('generations', httpRequest('POST /generations/{id}/activate', { pathParameters: { id } }));
    if (answer?.result.status !== 200) return;
    note('generations activated', 1);
    // A run retires none that somebody has just gone back to; a later run would hide it by another.
    const stored = generations(store);
    const active = await stored.current();
    if (active?.state === 'retired') complaints.push(`Expected ${active.id}, which is active, to be kept, but it was retired`);
  };

  /** What the log held when somebody asked for a generation, by its name: how many records each shard had. */
  const requested = new Map<string, ReadonlyMap<string, number>>();
  const request = async (): Promise<void> => {
    const held = new Map(log.all.map(({ id, records }) => [id, records.length]));
    const answer = await call('generations', httpRequest('POST /recompute'));
    if (answer?.result.status !== 202) return;
    requested.set((JSON.parse(textOf(answer.result)) as { generation: string }).generation, held);
    note('generations requested', 1);
  };

  /** Versions of reference data that somebody knows to be published. */
  const published: string[] = [];
  /** An operator who asks until there is an answer. */
  const insist = async (name: 'lookups', sent: HttpRequest): Promise<unknown> => {
    for (;;) {
      const answer = await run(name, variant().pipeline, true, (handler) => handler(sent));
      const status = answer?.result.status ?? null;
      if (answer !== null && (status === 200 || status === 202)) return JSON.parse(textOf(answer.result));
      if (answer !== null && !answer.process.hurt) complaints.push(`Expected ${sent.route} to be done, got ${status} ${textOf(answer.result)}`);
      if (answer !== null && !answer.process.hurt) return null;
    }
  };
  const put = async (csv: string, from: string | null): Promise<void> => {
    const query = from === null ? '' : `validFrom=${from}`;
    const headers = { 'content-type': 'text/csv' };
    const version = await insist('lookups', httpRequest('POST /lookups/{table}', { query, headers, pathParameters: { table: 'kinds' }, body: csv }));
    if (version !== null) published.push((version as { id: string }).id);
    note('tables published', 1);
  };
  const undo = async (place: number): Promise<void> => {
    const version = published[place % Math.max(1, published.length)];
    if (version === undefined) return;
    await insist('lookups', httpRequest('DELETE /lookups/{table}/{version}', { pathParameters: { table: 'kinds', version } }));
    note('tables undone', 1);
  };

  /** Files were lost or replaced: of what was acknowledged, any may be gone. What is in any store counts once. */
  const forget = (): void => {
    unknown.push(...acknowledged.splice(0));
    requested.clear();
    published.length = 0;
  };

  return {
    forget,
    requested,
    acknowledged,
    unknown,
    post,
    put,
    undo,
    published,
    get,
    getAsReader,
    activate,
    activateOne,
    tick,
    request,
    /** A run of the batch layer that may fail, and has so much time. */
    tryRecompute: (ms: number): Promise<void> => recompute(ms).catch(() => {}),
    tryHeartbeat: async (): Promise<void> => void (await run('heartbeat', variant().pipeline, false, (handler) => handler().catch(() => null))),
    recompute: async (): Promise<void> => {
      begin('recompute', () => recompute(RUN_MS));
      await rest();
    },
    heartbeat: async (): Promise<void> => {
      begin('heartbeat', async () => void (await run('heartbeat', variant().pipeline, false, (handler) => handler())));
      await rest();
    },
  };
};
export type Callers = ReturnType<typeof callers>;
