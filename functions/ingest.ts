import pipeline from '#pipeline';
import { clock, eventLog, lanes, onLambda, quarantine, telemetry, tokens } from '#platform';
import type { Pipeline } from '../shared/definition/define.ts';
import { type AcceptPorts, accept } from '../shared/ingest/accept.ts';
import { decodeRequest, type EventsRequest } from '../shared/ingest/decode-request.ts';
import { encodeEntry, sentEntry } from '../shared/ingest/quarantine-entry.ts';
import { recentKeys } from '../shared/ingest/recent-keys.ts';
import type { Submitted } from '../shared/ingest/submitted.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { DeliveryStream } from '../shared/ports/delivery-stream.ts';
import { LogFullError, LogUnavailableError } from '../shared/ports/event-log.ts';
import { FolderOwnedError } from '../shared/ports/folder-owned.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { bodyOf, type HttpAnswer, type HttpHandler, type HttpRequest, json } from '../shared/request/http.ts';
import { type Detail, notFound, Problem, unavailable } from '../shared/request/problem.ts';
import { answering } from './middleware/answering.ts';
import { onOwnUrl } from './middleware/on-own-url.ts';

/** POST /events and POST /events/{type}: 202 means that every accepted event is durable. */
export const ingest = (given: AcceptPorts & { telemetry: Telemetry }): HttpHandler => {
  const ports = { ...given, quarantine: orUnavailable(given.quarantine) };
  const isKnownBy = recentKeys(KEY_MEMORY_BYTES);
  const take = async (request: HttpRequest, type: string | null): Promise<HttpAnswer> => {
    const sent: EventsRequest = {
      type,
      schema: type !== null && Object.hasOwn(ports.pipeline.events, type) ? (ports.pipeline.events[type]?.schema ?? null) : null,
      headers: request.headers,
      body: bodyOf(request),
    };
    if (sent.type !== null && !Object.hasOwn(ports.pipeline.events, sent.type)) {
      await keep(ports, sent, 'unknown-type', `Expected one of ${Object.keys(ports.pipeline.events).join(', ')}`);
      throw notFound(
        `There is no event type '${sent.type.slice(0, 128)}'. Expected one of ${Object.keys(ports.pipeline.events).join(', ')}. The body is in quarantine.`,
      );
    }
    const submitted = await decodeRequest(sent).catch(async (error) => {
      if (error instanceof Problem && (error.status === 400 || error.status === 415)) await keep(ports, sent, 'malformed', error.message);
      throw error;
    });
    const key = sent.headers['idempotency-key'];
    const events = key === undefined ? submitted : [...submitted];
    if (key !== undefined && !isKnownBy(`${type ?? ''} ${key}`, events as readonly Submitted[])) await refuseKey(ports, sent, key);
    const { accepted, rejections } = await accept(ports, events).catch((error) => {
      if (error instanceof LogFullError) throw unavailable('The disk is full. Send the events again once there is room.', 10, error);
      if (error instanceof LogUnavailableError)
        throw unavailable('The log is not available now. Send them again with the same ids or Idempotency-Key: they count once.', 1, error);
      throw error;
    });
    ports.telemetry.count('accepted', accepted);
    ports.telemetry.count('rejected', rejections.length);
    const errors = rejections.flatMap((rejection) => rejection.errors).slice(0, MAX_ERRORS);
    if (accepted > 0 || rejections.length === 0) return json(202, { accepted, rejected: rejections.length, errors });
    const extra = { accepted, rejected: rejections.length };
    if (rejections.every(({ reason }) => reason === 'too-large'))
      throw new Problem(413, 'too-large', 'The request is too large', errors[0]?.message ?? '', { errors, extra });
    throw new Problem(
      422,
      'invalid-events',
      'No event was accepted',
      `${rejections.length === 1 ? 'The event was' : `All ${rejections.length} events were`} rejected and put in quarantine: GET /quarantine lists them, POST /quarantine/replay sends them again.`,
      { errors, extra },
    );
  };
  return answering<'ingest'>(ports.telemetry, {
    'POST /events': (request) => take(request, null),
    'POST /events/{type}': (request) => take(request, request.pathParameters.type),
  });
};

const MAX_ERRORS = 1_000;
const KEY_MEMORY_BYTES = 8 * 1024 * 1024;

/** A key names one request (IETF draft-ietf-httpapi-idempotency-key-header-07, section 2.7): under a used key, new events would be mistaken for duplicates. */
const refuseKey = async (ports: AcceptPorts, request: EventsRequest, key: string): Promise<never> => {
  const { 'idempotency-key': _, ...headers } = request.headers;
  const message = `Idempotency-Key: Expected the request that '${key.slice(0, 60)}' was used for before, got one without any of its events. Use a new key for each request.`;
  await keep(ports, { ...request, headers }, 'malformed', message);
  throw new Problem(422, 'idempotency-key-reused', 'The key was used for another request', `${message} The body is in quarantine.`);
};

/**
 * If the quarantine is unavailable, events are not answered as rejected: the request has to be retried. Its valid events are not
 * stored alone, since those without ids of their own would count again with the retry.
 */
const orUnavailable = ({ deliver }: DeliveryStream): DeliveryStream => ({
  deliver: (records) =>
    deliver(records).catch((cause) => {
      if (cause instanceof FolderOwnedError) throw cause;
      const errors = records
        .slice(0, MAX_ERRORS)
        .flatMap((record) => (JSON.parse(Buffer.from(record).toString()) as { readonly errors: readonly Detail[] }).errors);
      throw new Problem(
        503,
        'unavailable',
        'Not available now',
        'The quarantine is not available now, and this request has something for it: see errors. Send the request again with the same ids or Idempotency-Key: events count once. Without the events that errors names, it needs no quarantine.',
        { errors, headers: { 'retry-after': '1' }, cause },
      );
    }),
});

/** Puts a whole request in quarantine. It gets its own id, so that replays of it count once. */
const keep = async (
  { quarantine, clock }: AcceptPorts,
  { type, headers, body }: EventsRequest,
  reason: 'malformed' | 'unknown-type',
  message: string,
): Promise<void> => {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    value !== undefined && (['content-type', 'content-encoding', 'idempotency-key', 'twinstream-batches'].includes(name) || name.startsWith('ce-'))
      ? [[name, value]]
      : [],
  );
  const entry = sentEntry({ reason, errors: [{ message }] }, body, clock(), { type, headers: Object.fromEntries(kept), fallbackId: null });
  const ids = 'twinstream-batches' in entry.headers ? {} : { 'idempotency-key': entry.id };
  await quarantine.deliver([encodeEntry({ ...entry, headers: { ...ids, ...entry.headers } })]);
};

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  { clock, eventLog, lanes, quarantine, telemetry }: Pick<Platform, 'clock' | 'eventLog' | 'lanes' | 'quarantine' | 'telemetry'>,
) => ingest({ pipeline, telemetry: telemetry(), log: eventLog(), quarantine: quarantine(), lanes: lanes(), clock });

export const handler = onLambda(() =>
  onOwnUrl(bind(pipeline, { clock, eventLog, lanes, quarantine, telemetry }), { name: 'ingest', tokens, clock, telemetry: telemetry() }),
);
