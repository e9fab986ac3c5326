import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { bytesOf, ingesting, quarantineOf, storedEvents } from '../ingest/world.ts';
import type { System } from '../support/system.ts';
import { ACCEPTED, REJECTED, type SentEvent } from './cloudevents/cases.ts';
import { type Mode, SDKS, type Sdk } from './cloudevents/sdks.ts';

// The same events, made and sent by the CloudEvents SDKs of four languages, in each mode that they can send: what is stored,
// and what is rejected, depends on neither.

let world: System;
beforeEach(async () => {
  world = await ingesting();
});
afterEach(() => world.close());

interface Reply {
  /** 0 if the SDK or its HTTP client refused to send. */
  readonly status: number;
  readonly body: string;
}

const send = async ({ command }: Sdk, mode: Mode, events: readonly SentEvent[]): Promise<Reply[]> => {
  const [program, ...args] = await command();
  const child = spawn(program, [...args, `${world.url}/events`, mode]);
  const code = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  child.stdin.end(events.map(({ attributes, extensions, data }) => `${JSON.stringify({ attributes, extensions, data })}\n`).join(''));
  const [printed, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect([await code, errors]).toEqual([0, '']);
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Reply);
};

const EVERY = SDKS.flatMap((sdk) => sdk.modes.map((mode) => [sdk.language, mode, sdk] as const));

describe.each(EVERY)('the SDK of %s in %s mode', (_, mode, sdk) => {
  const faults = sdk.faults.filter(({ modes }) => modes.includes(mode));
  const isFaulty = (id: unknown) => faults.some((fault) => fault.id === id);

  test('given events with every attribute, extensions and text past ASCII, then each is stored as it was meant', async () => {
    const replies = await send(sdk, mode, ACCEPTED);
    const meant = ACCEPTED.filter(({ attributes }) => !isFaulty(attributes.id)).map(({ stored }) => stored);
    const stored = (await storedEvents(world)).map((event) => ({ ...event, ...texts(event) }));
    expect([stored, replies]).toEqual([meant.sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1)), replies]);
    const faulty = replies.filter(({ status, body }) => status !== 202 || !body.includes('"rejected":0'));
    expect(faulty.map(({ body }) => body)).toEqual(faults.map(({ says }) => expect.stringContaining(says)));
  });

  test('given events that are not taken, then the answer says why, and each is in quarantine with its id', async () => {
    const replies = await send(sdk, mode, REJECTED);
    const says = replies.map(({ body }) => body).join('\n');
    for (const rejected of REJECTED) expect(says).toContain(rejected.says);
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 422));
    expect(await storedEvents(world)).toEqual([]);
    const kept = (await quarantineOf(world)).map((entry) => [entry.reason, idIn(bytesOf(entry).toString())]);
    expect(kept.sort()).toEqual(REJECTED.map(({ reason, attributes }) => [reason, attributes.id]).sort());
  });
});

const idIn = (body: string): unknown => (JSON.parse(body) as { readonly id?: unknown }).id;

/** Numbers among the extensions, as text. */
const texts = (event: object): Record<string, string> =>
  Object.fromEntries(Object.entries(event).flatMap(([name, value]) => (typeof value === 'number' ? [[name, String(value)]] : [])));
