import type { Status } from '../../client/status.ts';
import { number, plural } from '../words/numbers.ts';
import { about, clock, day } from '../words/times.ts';

/** How the page feels: it decides the mark and the tone of the sentence. */
export type Level = 'ok' | 'warn' | 'bad' | 'wait';
export interface Said {
  readonly level: Level;
  readonly head: string;
  readonly text: string;
  /** One thing to do. */
  readonly advice: string | null;
}
interface Around {
  readonly zone: string;
  readonly nowMs: number;
}
const timeOf = (time: string, { zone, nowMs }: Around): string => {
  const ms = Date.parse(time);
  const today = day(ms, zone, nowMs) === day(nowMs, zone, nowMs);
  return today ? clock(ms, zone) : `${day(ms, zone, nowMs)}, ${clock(ms, zone)}`;
};
const sinceMs = (time: string, { nowMs }: Around): number => Math.max(0, nowMs - Date.parse(time));

const cameOf = ({ events: { total, since, lastArrival } }: Status, around: Around): string => {
  if (since === null || lastArrival === null) return 'No events yet';
  const ago = sinceMs(lastArrival, around);
  return `${plural(total, 'event')} since ${timeOf(since, around)}, the last one ${ago < 1_500 ? 'just now' : `${about(ago)} ago`}`;
};

type Words = (status: Status, around: Around) => Omit<Said, 'level'> & { readonly level?: Level };
const WORDS: Readonly<Record<Status['state'], Words>> = {
  well: (status, around) => ({
    level: 'ok',
    head: 'All is well.',
    text: `${cameOf(status, around)}; ${status.batch.generation === null ? 'batch has not run yet' : 'batch and live agree'}.`,
    advice: null,
  }),
  quiet: (status, around) => ({
    head: `Nothing has come for ${about(sinceMs(status.events.lastArrival ?? status.at, around))}.`,
    text: `${plural(status.events.total, 'event')} so far. ${status.batch.generation === null ? 'Batch has not run yet.' : 'Batch and live agree.'}`,
    advice: 'Is the sender running? The numbers stay as they are.',
  }),
  behind: (status, around) => ({
    head: `Live is ${about(status.lag.ms ?? 0)} behind.`,
    text: `${cameOf(status, around)}; the newest are still on their way.`,
    advice: 'It catches up by itself when fewer events come; else start it with more SHARDS.',
  }),
  'batch-late': (status, around) => ({
    head: 'Batch is late.',
    text: `${status.batch.horizon === null ? 'It has published nothing yet' : `It reaches ${timeOf(status.batch.horizon, around)}`}. ${status.batch.expired ? 'What live counted since may have expired: no query is answered until batch has it.' : 'Live counts everything since, so no number is missing.'}`,
    advice: lateAdvice(status, around),
  }),
  rejects: (status, around) => ({
    head: `${plural(status.quarantine?.rejected ?? 0, 'event was', 'events were')} rejected in the last 10 minutes.`,
    text: `${cameOf(status, around)}.`,
    advice: 'Look into quarantine: it says what is wrong, and sends them again.',
  }),
  drift: (status) => ({
    level: 'bad',
    head: 'Batch and live differ.',
    text: `${(status.drift?.metrics ?? [])
      .slice(0, 3)
      .map(({ metric, events }) => `For ${metric}, live counted ${number(Math.abs(events))} ${events > 0 ? 'more' : 'fewer'}`)
      .join(', ')}. The batch part is what you see.`,
    advice: `Please report it with generation ${status.drift?.generation}; nothing has to be done for the numbers.`,
  }),
  down: ({ down }) => ({
    level: 'bad',
    head: down.length === 1 ? `The part “${down[0]?.part}” is down.` : `${down.length} parts are down.`,
    text: `${down.map(({ part, error }) => (error === null ? part : `${part}: ${error}`)).join(', ')}.`,
    advice: down.some(({ part }) => part === 'disk') ? 'Make room on the disk: events are refused until then.' : 'GET /health says more.',
  }),
};
const lateAdvice = ({ batch: { lastFailure, heldBackBy } }: Status, around: Around): string => {
  if (lastFailure !== null) return `The last run failed: “${lastFailure.error}”. It runs again by itself at ${timeOf(lastFailure.nextTry, around)}.`;
  if (heldBackBy !== null) return `${heldBackBy} holds it back: look into the log of the archive.`;
  return 'It starts again by itself; Operations says what it waits for.';
};

/** One state, one cause, one thing to do; the worst wins. */
export const saidOf = (status: Status, around: Around): Said => ({ level: 'warn', ...WORDS[status.state](status, around) });
export const saidWhenSilent = (sinceMs: number, { zone }: Around): Said => ({
  level: 'bad',
  head: 'The server does not answer.',
  text: `The numbers are those of ${clock(sinceMs, zone)}; the page asks again every 5 s.`,
  advice: 'Is it running? Start it with npm start, or look at its log.',
});

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly view: 'operations' | 'quarantine';
  readonly tone: '' | 'warn' | 'bad';
}
const LITTLE_PER_SECOND = 1;
const rateOf = (perSecond: number): string =>
  perSecond === 0
    ? '0'
    : perSecond < LITTLE_PER_SECOND
      ? `${number(Math.max(1, Math.round(perSecond * 60)))} a minute`
      : `${number(Math.round(perSecond))} a second`;

export const factsOf = (status: Status, around: Around, isSilent: boolean): readonly Fact[] => {
  const { state, events, lag, batch, drift, quarantine } = status;
  const waiting = quarantine === null ? null : `${number(quarantine.waiting)}${quarantine.more ? '+' : ''}`;
  return [
    { name: 'arriving', value: isSilent ? '?' : rateOf(events.perSecond), view: 'operations', tone: isSilent ? 'bad' : state === 'quiet' ? 'warn' : '' },
    {
      name: 'fresh',
      value: isSilent || lag.ms === null ? '?' : about(Math.max(1_000, lag.ms)),
      view: 'operations',
      tone: isSilent ? 'bad' : state === 'behind' ? 'warn' : '',
    },
    {
      name: 'horizon',
      value: batch.horizon === null ? 'none yet' : timeOf(batch.horizon, around),
      view: 'operations',
      tone: state === 'batch-late' ? 'warn' : '',
    },
    { name: 'drift', value: drift === null ? '–' : number(drift.events), view: 'operations', tone: (drift?.events ?? 0) > 0 ? 'bad' : '' },
    ...(waiting === null ? [] : [{ name: 'in quarantine', value: waiting, view: 'quarantine', tone: state === 'rejects' ? 'warn' : '' } as const]),
  ];
};
