import { EVENTS, NOW, pipeline } from '../support/edits.ts';
import { type System, system } from '../support/system.ts';

// Rows by layer: of whatever mix, the parts of a row add up to it.

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: Date.parse(NOW) });
});
afterEach(() => world.close());
interface Row {
  readonly window: string;
  readonly channel?: string | null;
  readonly edits: number;
  readonly added: number | null;
  readonly part: string | null;
  readonly parts: Readonly<Record<'batch' | 'live', { readonly edits: number; readonly added: number }>>;
  readonly other?: true;
  readonly previous?: object | null;
}
const RANGE = 'from=2015-09-01&to=2015-11-01';
const ask = async (query: string) => {
  const { status, body, text } = await world.get<Row>(`/metrics/edits?${query}&parts=true`, {});
  if (status !== 200) throw new Error(text);
  return body;
};
const post = async (events: readonly object[], key: string) => {
  await world.post('/events/edit', JSON.stringify(events), { 'idempotency-key': key });
  await world.drain();
};
const addUp = (rows: readonly Row[]): void => {
  expect(rows.length).toBeGreaterThan(0);
  for (const { edits, added, parts } of rows) expect([parts.batch.edits + parts.live.edits, parts.batch.added + parts.live.added]).toEqual([edits, added ?? 0]);
};

describe.each([0, 2, 4, EVENTS.length])('given %i events in the batch layer and the others live', (settled) => {
  beforeEach(async () => {
    if (settled > 0) {
      await post(EVENTS.slice(0, settled), 'a');
      await world.publish();
    }
    if (settled < EVENTS.length) await post(EVENTS.slice(settled), 'b');
  });

  test('then the parts of each row add up to it, however it is asked', async () => {
    for (const query of ['', '&every=1d', '&by=channel', '&by=channel&every=1h', '&by=channel&top=1&other=true&order=-edits', '&filter[channel]=en'])
      addUp((await ask(`${RANGE}${query}`)).rows);
    const [total] = (await ask(RANGE)).rows;
    expect([total?.parts.batch.edits, total?.parts.live.edits]).toEqual([settled, EVENTS.length - settled]);
    expect(total?.part).toBe(settled === 0 ? 'live' : settled === EVENTS.length ? 'batch' : 'both');
  });

  test('then what is asked without parts is the same but for them', async () => {
    const query = `${RANGE}&by=channel&every=1d`;
    const plain = (await world.get<Row>(`/metrics/edits?${query}`, {})).body;
    const { rows } = await ask(query);
    expect(rows.map(({ parts, part, ...row }) => row)).toEqual(plain.rows);
    expect(plain.provenance).not.toHaveProperty('late');
  });

  test('then each measure that does not add up has no parts, and CSV has a column for each part', async () => {
    const [row] = (await ask(`${RANGE}&measures=edits,editors,sizes`)).rows;
    expect(Object.keys(row?.parts.batch ?? {})).toEqual(['edits']);
    const { text } = await world.get(`/metrics/edits.csv?${RANGE}&measures=edits,editors&parts=true`, {});
    expect(text.split('\r\n').map((line) => line.split(',').slice(3))).toEqual([
      ['parts.batch.edits', 'parts.live.edits', 'part'],
      [String(settled), String(EVENTS.length - settled), row?.part],
      [],
    ]);
  });
});

test('given a range before the first event, then its previous values are null; given one in which nothing came, zeros', async () => {
  await post(EVENTS, 'a');
  const previous = async (range: string) => (await ask(`${range}&measures=edits&compare=previous`)).rows.map((row) => row.previous);
  expect(await previous('from=2015-09-12&to=2015-09-13')).toEqual([null]);
  expect(await previous('from=2015-09-15&to=2015-09-16')).toEqual([{ edits: 0 }]);
  const plain = (await world.get<Row>('/metrics/edits?from=2015-09-12&to=2015-09-13&measures=edits&compare=previous', {})).body;
  expect(plain.rows.map((row) => row.previous)).toEqual([{ edits: 0 }]);
});

test('given a window without events that is filled, then it has parts of zero, and comes from no layer', async () => {
  await post(EVENTS, 'a');
  const { rows } = await ask('from=2015-09-12&to=2015-09-16&every=1d&measures=edits,added&fill=zero');
  expect(rows.find(({ edits }) => edits === 0)).toMatchObject({ part: null, parts: { batch: { edits: 0, added: 0 }, live: { edits: 0, added: 0 } } });
});

test('given a published generation and late events, then the provenance says when, how it differed, and how many came late', async () => {
  await post(EVENTS.slice(0, 3), 'a');
  expect((await ask(RANGE)).provenance).toMatchObject({ publishedAt: null, drift: null, late: 0 });
  await world.publish();
  const at = new Date(world.clock()).toISOString();
  await post(EVENTS.slice(3), 'b');
  expect((await ask(RANGE)).provenance).toMatchObject({ generation: 'g000001', publishedAt: at, drift: 0, late: EVENTS.length - 3 });
  // Of the minute that the horizon ends, and of one after it: neither is late.
  await post([{ ...EVENTS[0], time: at }], 'c');
  expect((await ask(`from=${at.slice(0, 16)}:00Z&to=now`)).provenance).toMatchObject({ late: 0 });
});

test('given a rolling range, then parts are refused', async () => {
  expect(await world.get('/metrics/edits?from=2015-09-12&to=2015-09-13&every=1d&over=7d&parts=true', {})).toMatchObject({
    status: 400,
    body: { detail: 'parts: Expected no over with it, since a rolling row has no parts of its own' },
  });
});

test('given events, then GET /metrics says between which times there are some, of a published day too', async () => {
  const times = async () => (await world.get('/metrics', {})).body.metrics.map(({ name, first, last }) => [name, first, last]);
  await post(EVENTS, 'a');
  const known = ['2015-09-12T00:00:00.000Z', '2015-10-01T00:00:00.000Z'];
  expect(await times()).toEqual(['edits', 'slow'].map((name) => [name, ...known]));
  await world.publish();
  expect(await times()).toEqual(['edits', 'slow'].map((name) => [name, ...known]));
});
