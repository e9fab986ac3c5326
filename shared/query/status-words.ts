import { type Facts, STATES, type State, type Status } from './status-schema.ts';

/** What the facts come to: the worst state that holds, a sentence that says it, and what to do. */
export const inWords = (facts: Facts): Pick<Status, 'state' | 'sentence' | 'advice'> => {
  const state = [...STATES].reverse().find((one) => WORDS[one].holds(facts)) ?? 'well';
  const { sentence, advice } = WORDS[state];
  return { state, sentence: sentence(facts), advice: advice(facts) };
};

interface Words {
  readonly holds: (facts: Facts) => boolean;
  readonly sentence: (facts: Facts) => string;
  readonly advice: (facts: Facts) => string | null;
}
const WORDS: Readonly<Record<State, Words>> = {
  well: {
    holds: () => true,
    sentence: (facts) => `All is well. ${comings(facts)}; ${facts.batch.generation === null ? 'the batch layer has not run yet' : 'batch and live agree'}.`,
    advice: () => null,
  },
  quiet: {
    holds: ({ events, ...facts }) => events.lastArrival === null || sinceMs(facts, events.lastArrival) > events.quietAfterMs,
    sentence: (facts) =>
      facts.events.lastArrival === null ? 'No events yet.' : `Nothing has come for ${span(sinceMs(facts, facts.events.lastArrival))}. ${comings(facts)}.`,
    advice: ({ events }) =>
      events.lastArrival === null
        ? 'Send one: POST /events/TYPE takes JSON. GET /openapi.json has an example.'
        : 'Is the sender running? The numbers stay as they are.',
  },
  behind: {
    holds: ({ lag }) => lag.ms !== null && lag.ms > lag.limitMs,
    sentence: (facts) => `Live is ${span(facts.lag.ms ?? 0)} behind. ${comings(facts)}.`,
    advice: () => 'It catches up by itself when fewer events come; else start it with more SHARDS.',
  },
  'batch-late': {
    holds: ({ batch: { lastFailure, wholeUntil, lateAfterMs }, ...facts }) => {
      const until = wholeUntil ?? facts.events.since;
      return lastFailure !== null || (until !== null && sinceMs(facts, until) > lateAfterMs);
    },
    sentence: ({ at, batch: { horizon, expired } }) => {
      const reaches = horizon === null ? 'It has published nothing yet' : `It reaches ${clockTime(horizon, at)}`;
      return `Batch is late. ${reaches}; ${expired ? 'what live counted since may have expired, so queries answer 503 until the next generation' : 'live has what came since, so no number is missing'}.`;
    },
    advice: ({ at, batch: { lastFailure, heldBackBy } }) => {
      if (lastFailure !== null) return `The last run failed: "${lastFailure.error}". The next try is at ${clockTime(lastFailure.nextTry, at)}.`;
      if (heldBackBy !== null) return `${heldBackBy} holds it back: GET /dead-letters, and the logs of archive.`;
      return 'POST /recompute starts a run; GET /generations says what it waits for.';
    },
  },
  rejects: {
    holds: ({ quarantine }) => (quarantine?.rejected ?? 0) > 0,
    sentence: (facts) => `${counted(facts.quarantine?.rejected ?? 0, 'event was', 'events were')} rejected in the last 10 minutes. ${comings(facts)}.`,
    advice: () => 'Look into quarantine: it has each reason, and the line that is wrong.',
  },
  drift: {
    holds: ({ drift }) => (drift?.events ?? 0) > 0,
    sentence: ({ drift }) => `Batch and live differ. ${(drift?.metrics ?? []).slice(0, 3).map(differing).join(', ')}.`,
    advice: ({ drift }) => `Answers come from batch, which is right. Report it with generation ${drift?.generation}.`,
  },
  down: {
    holds: ({ down }) => down.length > 0,
    sentence: ({ down }) => `${down.map(({ part }) => PARTS[part] ?? part).join(', ')} ${down.length === 1 ? 'is' : 'are'} down.`,
    advice: ({ down }) => `GET /health says more.${down.some(({ part }) => part === 'disk') ? ' Make room on the disk: events are refused until then.' : ''}`,
  },
};
const PARTS: Readonly<Record<string, string>> = {
  log: 'The log',
  speed: 'The speed layer',
  archive: 'The archive',
  batch: 'The batch layer',
  lake: 'The lake',
  files: 'Some files',
  disk: 'The disk',
  entities: 'The entities',
  search: 'The search',
};

const differing = ({ metric, events }: { readonly metric: string; readonly events: number }): string =>
  `For ${metric}, live counted ${Math.abs(events).toLocaleString('en-US')} ${events > 0 ? 'more' : 'fewer'}`;

/** What has come so far. */
const comings = ({ at, events: { total, since, lastArrival } }: Pick<Facts, 'at' | 'events'>): string => {
  if (since === null || lastArrival === null) return 'No events yet';
  return `${counted(total, 'event', 'events')} since ${clockTime(since, at)}, the last one ${span(sinceMs({ at }, lastArrival))} ago`;
};
const counted = (n: number, one: string, several: string): string => `${n.toLocaleString('en-US')} ${n === 1 ? one : several}`;
const sinceMs = ({ at }: Pick<Facts, 'at'>, time: string): number => Math.max(0, Date.parse(at) - Date.parse(time));

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;
/** In one unit, rounded down; from two of them on. */
const span = (ms: number): string => {
  const [unit, length] = UNITS.find((one) => ms >= 2 * one[1]) ?? ['second', 1_000];
  return counted(Math.floor(ms / length), unit, `${unit}s`);
};
/** Without the date if it is of today. */
const clockTime = (time: string, at: string): string => `${time.slice(0, 10) === at.slice(0, 10) ? '' : `${time.slice(0, 10)} `}${time.slice(11, 16)} UTC`;
