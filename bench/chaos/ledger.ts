// What the client of a chaos run sends, and what answers must say of it. A request is a pure function of the seed and its index,
// so that the client can send any of them again, and nobody has to remember them.
import { random } from '../../testing/random.ts';

export const EVENTS_PER_REQUEST = 20;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const FIRST_DAY_MS = Date.parse('2020-01-01T00:00:00Z');
const RECEIPTS_FROM_MS = Date.parse('2010-01-01T00:00:00Z');
/** Windows with events in a day, spread over it. */
const WINDOWS_A_DAY = 60;
const MINUTES_APART = 24;
const LATE = 0.03;
export const PAGES = 200;
export const RECEIPT = 'receipt';

interface Edit {
  readonly time: string;
  readonly channel: string;
  readonly page: string;
  readonly user: string;
  readonly added: number;
  readonly deleted: number;
  readonly isRobot: boolean;
}
export type Sums = readonly [edits: number, added: number, deleted: number];
export interface Fold {
  /** By minute, channel and kind of editor. */
  readonly groups: Map<string, Sums>;
  readonly pages: Map<string, Sums>;
}
export interface Request {
  readonly index: number;
  readonly key: string;
  readonly edits: readonly Edit[];
}
/** A day of events, as an answer's range. */
export interface Day {
  readonly fromMs: number;
  readonly toMs: number;
}
/** Which requests a copy of the folder must hold, and which it may hold besides: what was on its way while it was taken. */
export interface Held {
  readonly made: number;
  readonly unsure: ReadonlySet<number>;
}

export const keyOf = (time: string, channel: string, robot: boolean): string => `${time.slice(0, 16)} ${channel} ${robot}`;
const add = (into: Map<string, Sums>, key: string, { added, deleted }: Edit): void => {
  const [n, a, d] = into.get(key) ?? [0, 0, 0];
  into.set(key, [n + 1, a + added, d + deleted]);
};
/** Each request has one event that is its receipt: a minute of its own, which shows whether the request is held. */
export const receiptMs = (index: number): number => RECEIPTS_FROM_MS + index * MINUTE_MS;

export const ledger = (seed: number, requestsPerDay: number) => {
  let made = 0;
  const unacknowledged = new Set<number>();
  const expected: Fold = { groups: new Map(), pages: new Map() };

  const request = (index: number): Request => {
    const r = random(seed * 1_000_003 + index);
    const today = Math.floor(index / requestsPerDay);
    const edits = Array.from({ length: EVENTS_PER_REQUEST - 1 }, (): Edit => {
      const day = r.chance(LATE) ? r.integer(0, today) : today;
      const minute = r.integer(0, WINDOWS_A_DAY - 1) * MINUTES_APART;
      return {
        time: new Date(FIRST_DAY_MS + day * DAY_MS + minute * MINUTE_MS + r.integer(0, MINUTE_MS - 1)).toISOString(),
        channel: `c${r.integer(0, 3)}`,
        page: `p${r.integer(0, PAGES - 1)}`,
        user: `u${r.integer(0, 99)}`,
        added: r.integer(0, 1_000),
        deleted: r.integer(0, 100),
        isRobot: r.chance(0.15),
      };
    });
    const receipt = { time: new Date(receiptMs(index)).toISOString(), channel: RECEIPT, page: RECEIPT, user: RECEIPT, added: index, deleted: 0, isRobot: true };
    return { index, key: `chaos-${seed}-${index}`, edits: [...edits, receipt] };
  };
  const take = ({ edits }: Request, { groups, pages }: Fold): void => {
    for (const edit of edits) {
      add(groups, keyOf(edit.time, edit.channel, edit.isRobot), edit);
      add(pages, edit.page, edit);
    }
  };

  return {
    request,
    expected,
    made: () => made,
    /** A new request, which is on its way from now on. */
    make: (): Request => {
      const one = request(made++);
      unacknowledged.add(one.index);
      take(one, expected);
      return one;
    },
    acknowledge: (index: number): void => void unacknowledged.delete(index),
    unacknowledged: (): number => unacknowledged.size,
    /** Called when a copy begins; `held` of it and the moment when it ended says what it holds. */
    mark: (): Held => ({ made, unsure: new Set(unacknowledged) }),
    held: (began: Held): Held => {
      const unsure = new Set(began.unsure);
      for (let index = began.made; index < made; index++) unsure.add(index);
      return { made, unsure };
    },
    /** What is to be sent again to a store that holds what it held at `mark`; they are on their way from now on. */
    forget: ({ made: until, unsure }: Held): number[] => {
      const missing = [...unsure];
      for (let index = until; index < made; index++) missing.push(index);
      for (const index of missing) unacknowledged.add(index);
      return missing;
    },
    fold: (indexes: Iterable<number>): Fold => {
      const fold: Fold = { groups: new Map(), pages: new Map() };
      for (const index of indexes) take(request(index), fold);
      return fold;
    },
    /** The days of all events made so far, without the receipts'. */
    days: (): Day => ({ fromMs: FIRST_DAY_MS, toMs: FIRST_DAY_MS + (Math.floor(made / requestsPerDay) + 1) * DAY_MS }),
    receipts: (): Day => ({ fromMs: RECEIPTS_FROM_MS, toMs: RECEIPTS_FROM_MS + (Math.floor((made * MINUTE_MS) / DAY_MS) + 1) * DAY_MS }),
  };
};
export type Ledger = ReturnType<typeof ledger>;

const REST = { namespace: 'Main', delta: 0, isAnonymous: false, isMinor: false, isNew: false, isUnpatrolled: false };
export const bodyOf = ({ edits }: Request): string => edits.map((edit) => `${JSON.stringify({ ...edit, ...REST })}\n`).join('');
