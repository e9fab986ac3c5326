// Hits from POST to visible in answers, with the client on the same cores: beside a bare JSON.parse loop over the same lines in
// the same run, by size and form of the bodies; and freshness, how long after its 202 a hit is in an answer, under a steady load.
// EVENTS=1000000 RATE=10000 SECONDS=20 npm run bench -- end-to-end
import type { Host } from '../testing/host.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bench, demand, type Figure, medianRatio, quantile, sizeOf, sleep } from './support/bench.ts';
import { hitAt, lineOf } from './support/hits.ts';
import { hitsHost, visible } from './support/hits-host.ts';

const EVENTS = sizeOf('EVENTS', 1_000_000, 5_000);
const ROUNDS = sizeOf('ROUNDS', 3, 1);
const RATE = sizeOf('RATE', 10_000, 1_000);
const SECONDS = sizeOf('SECONDS', 20, 1);
const IN_FLIGHT = 8;
const DAY = 86_400_000;
const NDJSON = 'application/x-ndjson';
const RANGE = `from=${new Date().toISOString().slice(0, 10)}&to=${new Date(Date.now() + 2 * DAY).toISOString().slice(0, 10)}`;

interface Body {
  readonly text: string;
  readonly events: number;
}
interface Form {
  readonly name: string;
  readonly size: number;
  /** How many of the events; small bodies take longer. */
  readonly share: number;
  readonly path: string;
  readonly type: string;
  readonly bodyOf: (lines: readonly string[], from: number) => string;
}
const lines = (some: readonly string[]): string => `${some.join('\n')}\n`;
const array = (some: readonly string[]): string => `[${some.join(',')}]`;
const cloudEvents = (some: readonly string[], from: number): string =>
  array(some.map((line, i) => `{"specversion":"1.0","id":"${from + i}","source":"/bench","type":"hit","datacontenttype":"application/json","data":${line}}`));
const PLAIN = { path: '/events/hit', type: NDJSON, bodyOf: lines };
const MAIN: Form = { ...PLAIN, name: 'bodies of 500 lines', size: 500, share: 1 };
const OTHERS: readonly Form[] = [
  { ...PLAIN, name: 'bodies of 1 line', size: 1, share: 0.01 },
  { ...PLAIN, name: 'bodies of 10 lines', size: 10, share: 0.05 },
  { ...PLAIN, name: 'bodies of 100 lines', size: 100, share: 0.3 },
  { ...PLAIN, name: 'bodies of 5,000 lines', size: 5_000, share: 1 },
  { name: 'JSON arrays of 500', size: 500, share: 0.3, path: '/events/hit', type: 'application/json', bodyOf: array },
  { name: 'batches of 500 CloudEvents', size: 500, share: 0.3, path: '/events', type: 'application/cloudevents-batch+json', bodyOf: cloudEvents },
];

/** Lines of now. The range of an answer has them all. */
const linesFrom = (from: number, n: number): string[] => Array.from({ length: n }, (_, i) => lineOf(hitAt(from + i, 1, Date.now(), 0)));
const bodies = ({ size, bodyOf }: Form, from: number, events: number): Body[] => {
  const made: Body[] = [];
  for (let n = 0; n < events; n += size) {
    const some = linesFrom(from + n, Math.min(size, events - n));
    made.push({ text: bodyOf(some, from + n), events: some.length });
  }
  return made;
};
const post = async (host: Host, { path, type }: Form, { text, events }: Body): Promise<void> => {
  const response = await fetch(host.url + path, { method: 'POST', body: text, headers: { 'content-type': type } });
  const { accepted } = (await response.json()) as { accepted: number };
  demand('A post', [response.status, accepted], [202, events]);
};

const parsesPerSecond = (): number => {
  const all = linesFrom(0, 20_000);
  const from = performance.now();
  let parsed = 0;
  while (performance.now() - from < 1_000) for (const line of all) parsed += typeof JSON.parse(line) === 'object' ? 1 : 0;
  return parsed / ((performance.now() - from) / 1_000);
};

await bench(import.meta.url, {}, async () => {
  const temporary = temporaryFolder();
  const host = await hitsHost(temporary.path, { EPOCH: '1m' });
  let sent = 0;
  const play = async (form: Form, events: number): Promise<{ acknowledged: number; visible: number }> => {
    const all = bodies(form, sent, events);
    const from = performance.now();
    let next = 0;
    const sender = async () => {
      for (let i = next++; i < all.length; i = next++) await post(host, form, all[i] as Body);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
    const acknowledged = events / ((performance.now() - from) / 1_000);
    sent += events;
    await visible(host, sent, RANGE);
    return { acknowledged, visible: events / ((performance.now() - from) / 1_000) };
  };

  await play(MAIN, EVENTS / 10);
  const [rates, acknowledged, parses]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    // Before and after, since the machine may have other things to do.
    const before = parsesPerSecond();
    const rate = await play(MAIN, EVENTS);
    rates.push(rate.visible);
    acknowledged.push(rate.acknowledged);
    parses.push((before + parsesPerSecond()) / 2);
  }
  const others: [string, number][] = [];
  for (const form of OTHERS) others.push([form.name, (await play(form, Math.ceil(EVENTS * form.share))).visible]);

  // A steady load beside hits of a channel of their own, each of which is looked for until it is there.
  const waits: number[] = [];
  const endsAt = performance.now() + SECONDS * 1_000;
  const load = async () => {
    const size = Math.max(1, RATE / 100);
    const from = performance.now();
    for (let n = 0; performance.now() < endsAt; n++) {
      await post(host, MAIN, { text: lines(linesFrom(sent, size)), events: size });
      sent += size;
      await sleep(Math.max(0, from + (n + 1) * 10 - performance.now()));
    }
  };
  const look = async () => {
    for (let n = 1; performance.now() < endsAt; n++) {
      const line = linesFrom(0, 1).map((one) => one.replace(/"channel":"[^"]*"/, '"channel":"fresh"'));
      await post(host, MAIN, { text: lines(line), events: 1 });
      const from = performance.now();
      for (let seen = 0; seen < n; ) {
        const { json } = await host.get<{ hits: number }>(`/metrics/hits?${RANGE}&every=all&measures=hits&filter[channel]=fresh`);
        seen = json.rows[0]?.hits ?? 0;
      }
      waits.push(performance.now() - from);
    }
  };
  await Promise.all([load(), look()]);
  await visible(host, sent + waits.length, RANGE);
  await host.stop();
  temporary.remove();
  waits.sort((a, b) => a - b);
  const at = (some: readonly number[]) =>
    quantile(
      [...some].sort((a, b) => a - b),
      0.5,
    );
  const figures: Figure[] = [
    { what: `${MAIN.name}, to acknowledged`, value: at(acknowledged), unit: 'events/s' },
    { what: `${MAIN.name}, to visible`, value: at(rates), unit: 'events/s' },
    { what: 'a bare JSON.parse loop', value: at(parses), unit: 'lines/s' },
    { what: 'of the rate of the bare loop, median of the rounds', value: medianRatio(rates, parses), unit: '', least: 0.25 },
    ...others.map(([name, value]) => ({ what: `${name}, to visible`, value, unit: 'events/s' })),
    { what: `freshness at ${RATE} events/s: p50`, value: quantile(waits, 0.5), unit: 'ms' },
    { what: `freshness at ${RATE} events/s: p99`, value: quantile(waits, 0.99), unit: 'ms', most: 100 },
  ];
  return { figures, raw: { rates, acknowledged, parses, others, waits } };
});
