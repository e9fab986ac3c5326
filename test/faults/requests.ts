import type { Json } from '../../shared/measures/measure.ts';
import type { Random } from '../../testing/random.ts';

/** An event as a client has it. */
export interface Sent {
  readonly type: 'hit' | 'sale';
  /** Its own id; by an Idempotency-Key, that and its place. */
  readonly id: string;
  readonly source: string;
  readonly at: string;
  readonly data: Readonly<Record<string, Json>>;
}
/** A request of one client. */
export interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What must come to stand in the log. */
  readonly good: readonly Sent[];
  /** What must come to stand in quarantine: the reason, and the text as it was sent. */
  readonly bad: readonly { readonly reason: string; readonly body: string }[];
  readonly status: number;
}

/** How far ahead of the clock of whoever takes it an event may be. */
const MOST_AHEAD_MS = 86_400_000;
/** A request may take this long, and the clock step back by a sixth of it meanwhile. */
const MARGIN_MS = 3_600_000;

/** The request as a system sees it whose clock shows this time: events too far ahead of it are bad. Null where it would depend on the moment. */
export const asSeenAt = (request: Request, nowMs: number): Request | null => {
  const aheadMs = ({ at }: Sent) => Date.parse(at) - nowMs - MOST_AHEAD_MS;
  if (request.good.some((one) => aheadMs(one) > -MARGIN_MS / 6 && aheadMs(one) <= MARGIN_MS)) return null;
  const early = request.good.filter((one) => aheadMs(one) > 0);
  if (early.length === 0) return request;
  const isPlain = request.path !== '/events';
  const good = request.good.filter((one) => !early.includes(one));
  const bad = early.map((one) => ({ reason: 'time', body: JSON.stringify(isPlain ? one.data : cloudEvent(one)) }));
  return { ...request, good, bad: [...request.bad, ...bad], status: good.length === 0 ? 422 : 202 };
};
const cloudEvent = ({ type, id, source, at, data }: Sent) => ({ specversion: '1.0', type, id, source, time: at, data });

/** The clients of one history: new events, those sent before, and those that no pipeline takes, in every form of request. */
export const requests = (r: Random): ((nowMs: number) => Request) => {
  const sent: Sent[] = [];
  const keyed: Request[] = [];
  let next = 0;
  const lines = (): Json => Array.from({ length: r.integer(0, 3) }, () => (r.chance(0.1) ? null : { sku: r.pick(['x', 'y', 'é']), weight: r.integer(0, 9) }));
  const fresh = (nowMs: number): Sent => {
    const isSale = r.chance(0.3);
    const at = new Date(Math.floor(nowMs + (r.chance(0.7) ? r.integer(-1_200_000, 60_000) : r.integer(-250_000_000, 3_600_000)))).toISOString();
    // Of one key, over the edge between two of its units; or of no key.
    const id = r.chance(0.3) ? `c:${500 + next++}` : `e${next++}`;
    const data: Record<string, Json> = isSale
      ? { id, at, item: r.pick(['tea', 'cake', '', null]), price: r.integer(-500, 9_999) / 100, ...(r.chance(0.7) ? { lines: lines() } : {}) }
      : { at, page: r.pick(['a', 'b', 'c', 'Ω "x"', '']), n: r.integer(-5, 60), ...(r.chance(0.5) ? { isBot: r.chance(0.3) } : {}) };
    const one: Sent = { type: isSale ? 'sale' : 'hit', id, source: r.pick(['/one', '/two']), at, data };
    sent.push(one);
    return one;
  };
  /** An event sent before; at times by a client that stamps it anew. */
  const again = (nowMs: number): Sent => {
    const one = r.pick(sent);
    if (r.chance(0.7)) return one;
    const at = new Date(nowMs - r.integer(0, 90_000_000)).toISOString();
    return { ...one, at, data: { ...one.data, at } };
  };
  const bad = (nowMs: number): { reason: string; value: unknown } => {
    const base = cloudEvent({
      type: 'hit',
      id: `bad${next++}`,
      source: '/one',
      at: new Date(nowMs).toISOString(),
      data: { at: new Date(nowMs).toISOString(), page: 'a', n: 1 },
    });
    return r.pick([
      { reason: 'unknown-type', value: { ...base, type: 'visit' } },
      { reason: 'invalid', value: { ...base, data: { ...base.data, n: 'many' } } },
      { reason: 'time', value: { ...base, time: new Date(nowMs + 90 * 86_400_000).toISOString() } },
      { reason: 'malformed', value: 17 },
    ]);
  };

  const batch = (nowMs: number): Request => {
    const good: Sent[] = [];
    const rejected: { reason: string; body: string }[] = [];
    const items = Array.from({ length: r.integer(1, 7) }, () => {
      if (r.chance(0.06)) {
        const { reason, value } = bad(nowMs);
        rejected.push({ reason, body: JSON.stringify(value) });
        return value;
      }
      const one = sent.length > 0 && r.chance(0.25) ? again(nowMs) : fresh(nowMs);
      good.push(one);
      return cloudEvent(one);
    });
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    return { path: '/events', headers, body: JSON.stringify(items), good, bad: rejected, status: good.length === 0 ? 422 : 202 };
  };
  /** Plain objects: ids by an Idempotency-Key, or by the type's own field. */
  const plain = (nowMs: number): Request => {
    if (keyed.length > 0 && r.chance(0.2)) return r.pick(keyed);
    const type = r.pick(['hit', 'sale'] as const);
    const key = `key${next++}`;
    const good = Array.from({ length: r.integer(1, 5) }, () => fresh(nowMs))
      .filter((one) => one.type === type)
      .map((one, i) => ({ ...one, source: `/events/${type}`, id: type === 'hit' ? `${key}:${i}` : one.id }));
    if (good.length === 0) return batch(nowMs);
    // What is sent again later is what stands here.
    sent.push(...good);
    const isLines = r.chance(0.5);
    const body = isLines ? good.map(({ data }) => `${JSON.stringify(data)}\n`).join('') : JSON.stringify(good.map(({ data }) => data));
    const headers = { 'content-type': isLines ? 'application/x-ndjson' : 'application/json', 'idempotency-key': key };
    const request: Request = { path: `/events/${type}`, headers, body, good, bad: [], status: 202 };
    keyed.push(request);
    return request;
  };
  const refused = (nowMs: number): Request => {
    const isUnknown = r.chance(0.5);
    const body = isUnknown ? JSON.stringify({ at: new Date(nowMs).toISOString(), note: `n${next++}` }) : `{"at": no json ${next++}`;
    return {
      path: isUnknown ? '/events/visit' : '/events/hit',
      headers: { 'content-type': 'application/json' },
      body,
      good: [],
      bad: [{ reason: isUnknown ? 'unknown-type' : 'malformed', body }],
      status: isUnknown ? 404 : 400,
    };
  };
  return (nowMs) => {
    const what = r.next();
    return what < 0.03 ? refused(nowMs) : what < 0.25 ? plain(nowMs) : batch(nowMs);
  };
};
