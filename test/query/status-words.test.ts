import type { Facts } from '../../shared/query/status-schema.ts';
import { inWords } from '../../shared/query/status-words.ts';

// Each state, from facts of which nothing else is wrong; of several, the worst is said.

const AT = '2026-11-21T23:52:00.000Z';
const WELL: Facts = {
  at: AT,
  events: {
    total: 39_085,
    since: '2026-11-21T00:46:30.000Z',
    lastArrival: '2026-11-21T23:51:57.000Z',
    first: '2015-09-12T00:46:58.000Z',
    last: '2015-09-12T23:59:59.000Z',
    perSecond: 12,
    usualGapMs: 1_000,
    quietAfterMs: 120_000,
  },
  lag: { ms: 3_000, limitMs: 20_000, through: '2026-11-21T23:51:57.000Z', shards: [] },
  batch: {
    generation: 'g000007',
    horizon: '2026-11-21T23:50:00.000Z',
    wholeUntil: '2026-11-21T23:50:00.000Z',
    lateAfterMs: 780_000,
    expired: false,
    next: '2026-11-21T23:51:00.000Z',
    heldBackBy: null,
    stepMs: 60_000,
    nextRun: '2026-11-21T23:55:00.000Z',
    lastFailure: null,
  },
  drift: { generation: 'g000007', publishedAt: '2026-11-21T23:50:30.000Z', events: 0, metrics: [] },
  quarantine: { rejected: 0, waiting: 4, more: false },
  down: [],
};
const CAME = '39,085 events since 00:46 UTC, the last one 3 seconds ago';
const failure = { since: AT, times: 2, error: 'disk is full', nextTry: '2026-11-22T00:10:00.000Z' };
const CHANGES = {
  well: {},
  quiet: { events: { ...WELL.events, lastArrival: '2026-11-21T23:40:00.000Z' } },
  behind: { lag: { ...WELL.lag, ms: 240_000 } },
  'batch-late': { batch: { ...WELL.batch, wholeUntil: '2026-11-21T22:00:00.000Z', horizon: '2026-11-20T22:00:00.000Z' } },
  rejects: { quarantine: { rejected: 1, waiting: 4, more: false } },
  drift: {
    drift: {
      generation: 'g000007',
      publishedAt: AT,
      events: 4,
      metrics: [
        { metric: 'edits', events: 3 },
        { metric: 'newcomers', events: -1 },
      ],
    },
  },
  down: { down: [{ part: 'lake', error: 'AccessDenied' }] },
} satisfies Record<string, Partial<Facts>>;

test.each([
  ['well', `All is well. ${CAME}; batch and live agree.`, null],
  [
    'quiet',
    'Nothing has come for 12 minutes. 39,085 events since 00:46 UTC, the last one 12 minutes ago.',
    'Is the sender running? The numbers stay as they are.',
  ],
  ['behind', `Live is 4 minutes behind. ${CAME}.`, 'It catches up by itself when fewer events come; else start it with more SHARDS.'],
  [
    'batch-late',
    'Batch is late. It reaches 2026-11-20 22:00 UTC; live has what came since, so no number is missing.',
    'POST /recompute starts a run; GET /generations says what it waits for.',
  ],
  ['rejects', `1 event was rejected in the last 10 minutes. ${CAME}.`, 'Look into quarantine: it has each reason, and the line that is wrong.'],
  [
    'drift',
    'Batch and live differ. For edits, live counted 3 more, For newcomers, live counted 1 fewer.',
    'Answers come from batch, which is right. Report it with generation g000007.',
  ],
  ['down', 'The lake is down.', 'GET /health says more.'],
] as const)('%s: %s', (state, sentence, advice) => {
  expect(inWords({ ...WELL, ...CHANGES[state] })).toEqual({ state, sentence, advice });
});

test('the worst of several states is said', () => {
  const order = ['quiet', 'behind', 'batch-late', 'rejects', 'drift', 'down'] as const;
  let facts = WELL;
  const said = order.map((state) => {
    facts = { ...facts, ...CHANGES[state] };
    return inWords(facts).state;
  });
  expect(said).toEqual(order);
});

test.each([
  ['no events ever', { events: { ...WELL.events, total: 0, since: null, lastArrival: null } }, 'quiet', 'No events yet.'],
  ['exactly as long as usual', { events: { ...WELL.events, lastArrival: '2026-11-21T23:50:00.000Z' } }, 'well', 'the last one 2 minutes ago'],
  [
    'a sender that comes every ten minutes',
    { events: { ...WELL.events, lastArrival: '2026-11-21T23:40:00.000Z', quietAfterMs: 3_000_000 } },
    'well',
    '12 minutes ago',
  ],
  ['a run that failed', { batch: { ...WELL.batch, lastFailure: failure } }, 'batch-late', 'It reaches 23:50 UTC'],
  ['no generation for too long', { batch: { ...WELL.batch, generation: null, horizon: null, wholeUntil: null } }, 'batch-late', 'It has published nothing yet'],
  [
    'cells that may have expired',
    { batch: { ...CHANGES['batch-late'].batch, expired: true } },
    'batch-late',
    'Batch is late. It reaches 2026-11-20 22:00 UTC; what live counted since may have expired, so queries answer 503 until the next generation.',
  ],
  ['a platform that does not count the quarantine', { quarantine: null }, 'well', 'All is well.'],
  ['parts that are down', { down: ['disk', 'lake'].map((part) => ({ part, error: null })) }, 'down', 'The disk, The lake are down.'],
] as const)('%s', (_, change, state, text) => {
  const said = inWords({ ...WELL, ...change });
  expect([said.state, said.sentence]).toEqual([state, expect.stringContaining(text)]);
});

test('given a run that failed, then the advice has its words and the next try', () => {
  expect(inWords({ ...WELL, batch: { ...WELL.batch, lastFailure: failure } }).advice).toBe(
    'The last run failed: "disk is full". The next try is at 2026-11-22 00:10 UTC.',
  );
});
