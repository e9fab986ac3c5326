import { z } from 'zod';
import { judge } from '../../shared/ingest/judge.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import { codeOf, hintOf, placeOf } from '../../shared/quarantine/hints.ts';

// Codes are read from the words that ingest writes: each kind of mistake is made here, so that a change of words shows.

const order = event(z.object({ at: z.iso.datetime(), n: z.int(), items: z.array(z.object({ sku: z.string() })).optional() }), { time: 'at', strict: true });
const pipeline = definePipeline({ events: { order }, metrics: { orders: metric(order, { measures: { orders: count() } }) } });
const NOW = Date.parse('2026-11-21T10:00:00Z');
const AT = '2026-11-21T09:00:00Z';

test.each([
  [{ at: AT }, 'missing', 'n', "Send 'n', or make it optional in the schema and replay."],
  [{ at: AT, n: 'x' }, 'wrong-value', 'n', "Correct 'n' in the sender"],
  [{ at: AT, n: 1, items: [{ sku: 'a' }, {}] }, 'missing', 'items.*.sku', "Send 'items.*.sku'"],
  [{ at: AT, n: 1, more: 1 }, 'unknown-field', 'more', "Add 'more' to the schema"],
  [{ orders: [{ at: AT, n: 1 }] }, 'wrapped', 'orders', "Send what is in 'orders' itself."],
  [{ order: { at: AT, n: 1 } }, 'wrapped', 'order', 'Send what is in'],
  [{ at: '2026-11-23T09:00:00Z', n: 1 }, 'time-ahead', 'at', "Set the sender's clock."],
  [[1], 'malformed', '', 'Correct in the sender what the message says'],
])('given %j, then its code is %s', (value, code, path, hint) => {
  const submitted = { index: 0, type: 'order', fallbackId: null, text: null, value, unreadable: null, original: null };
  const judged = judge(submitted, pipeline, NOW, 'key');
  if (!('reason' in judged)) throw new Error('Expected a rejection');
  const [error] = judged.errors;
  if (error === undefined) throw new Error('Expected an error');
  const stored = { message: error.message, ...(error.path === undefined ? {} : { path: error.path }) };
  const found = codeOf(judged.reason, stored);
  expect([found, placeOf(stored)]).toEqual([code, path]);
  expect(hintOf(found, placeOf(stored))).toContain(hint);
});
