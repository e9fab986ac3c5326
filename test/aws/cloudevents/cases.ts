/** An event as every SDK is asked to make it. */
export interface SentEvent {
  readonly attributes: Readonly<Record<'id' | 'source' | 'type' | 'time', string>> & Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, string | number>>;
  readonly data: { readonly json: Readonly<Record<string, unknown>> } | { readonly text: string } | { readonly base64: string } | null;
}

const AT = '2026-11-21T09:00:00.000Z';
/** SDKs set a time of their own where none is given, so each event has one. */
const required = { source: '/shop?x=1', type: 'visit', time: AT };
const json = { at: AT, page: '/a' };
const base64 = (bytes: string | Uint8Array) => ({ base64: Buffer.from(bytes).toString('base64') });

/** Events that are accepted, by id, with what is stored for each. Extensions are text in binary mode. */
export const ACCEPTED: readonly (SentEvent & { readonly stored: Readonly<Record<string, unknown>> })[] = [
  event({ id: 'required-alone' }, { json }, {}),
  event(
    {
      id: 'every-attribute',
      subject: 'a subject',
      time: '2026-11-21T10:00:00.123456+01:00',
      dataschema: 'https://example.com/visit.json',
      datacontenttype: 'application/json',
    },
    { json: { ...json, n: 3, geo: { country: 'DE' }, other: [1, { deep: null }] } },
    { time: '2026-11-21T09:00:00.123Z', subject: 'a subject' },
    { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', part: 7 },
  ),
  event({ id: 'west', time: '2026-11-20T23:30:00-09:30' }, { json }, { time: AT }),
  event({ id: 'parameters', datacontenttype: 'application/json; charset=utf-8' }, { json }, {}),
  event({ id: 'vendor', datacontenttype: 'application/vnd.example.visit+json' }, { json }, {}),
  event({ id: 'text-json', datacontenttype: 'text/json' }, { json }, {}),
  event({ id: 'bytes', datacontenttype: 'application/json' }, base64(JSON.stringify(json)), {}),
  event({ id: 'data-past-ascii' }, { json: { ...json, page: 'Ä 日本 😀 \u2028' } }, {}),
  event({ id: 'quotes', subject: 'say "hi" \\ 100% of it' }, { json }, { subject: 'say "hi" \\ 100% of it' }, { note: 'a "b"' }),
  event({ id: 'latin-1 ÄÖÜß', subject: 'voilà' }, { json }, { subject: 'voilà' }, { note: 'é' }),
  event({ id: 'unicode-日本-€', subject: '😀 Ж' }, { json }, { subject: '😀 Ж' }, { note: 'ž' }),
];

function event(
  attributes: { readonly id: string } & Readonly<Record<string, string>>,
  data: SentEvent['data'],
  stored: Readonly<Record<string, unknown>>,
  extensions: SentEvent['extensions'] = {},
) {
  const { id, source, type, time } = { ...required, ...attributes };
  const sent = data !== null && 'json' in data ? data.json : json;
  const texts = Object.fromEntries(Object.entries(extensions).map(([name, value]) => [name, String(value)]));
  return {
    attributes: { ...required, ...attributes },
    extensions,
    data,
    stored: { ...texts, id, source, type, subject: sent.page, time, data: { n: 1, ...sent }, ...stored },
  };
}

/** Events that are not: the reason in quarantine, and what the answer says. */
export const REJECTED: readonly (SentEvent & { readonly reason: string; readonly says: string })[] = [
  { attributes: { ...required, id: 'no-data' }, extensions: {}, data: null, reason: 'invalid', says: 'Expected a JSON object, got nothing' },
  {
    attributes: { ...required, id: 'text', datacontenttype: 'text/plain' },
    extensions: {},
    data: { text: 'some words' },
    reason: 'invalid',
    says: 'Expected a JSON content type',
  },
  {
    attributes: { ...required, id: 'binary', datacontenttype: 'application/octet-stream' },
    extensions: {},
    data: base64(new Uint8Array([0, 1, 0xff])),
    reason: 'invalid',
    says: 'Expected a JSON content type',
  },
  { attributes: { ...required, id: 'other-type', type: 'vist' }, extensions: {}, data: { json }, reason: 'unknown-type', says: 'Expected one of visit, tick' },
  { attributes: { ...required, id: 'wrong-data' }, extensions: {}, data: { json: { at: AT } }, reason: 'invalid', says: 'expected string, received undefined' },
];
