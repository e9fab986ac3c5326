/** Hits on pages of a site, the same in every run: lines of 178 bytes with their line break. */
export const CHANNELS = 50;
export interface Hit {
  readonly ms: number;
  readonly channel: number;
  readonly user: number;
  readonly added: number;
}

/** A number that looks random, of a number (the finalizer of MurmurHash3). */
const mixed = (n: number): number => {
  let h = (n + 1) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};
/** The n-th of so many hits that are spread evenly over some time. */
export const hitAt = (n: number, of: number, fromMs: number, lengthMs: number): Hit => {
  const random = mixed(n);
  return { ms: fromMs + Math.floor((n / of) * lengthMs), channel: random % CHANNELS, user: (random >>> 8) % 100_000, added: mixed(n + 0x5bd1e995) % 500 };
};

export const channelName = (channel: number): string => `channel-${String(channel).padStart(2, '0')}`;
const DEVICES = ['phone  ', 'tablet ', 'desktop'] as const;
const COUNTRIES = ['de', 'fr', 'in', 'us', 'br'] as const;
export const lineOf = ({ ms, channel, user, added }: Hit): string =>
  `{"time":"${new Date(ms).toISOString()}","channel":"${channelName(channel)}","page":"/articles/${String(user % 5_000).padStart(5, '0')}-a-page-with-quite-a-title","user":"user-${String(user).padStart(7, '0')}","added":${String(added + 100)},"device":"${DEVICES[user % 3]}","country":"${COUNTRIES[channel % 5]}"}`;
/** Of the line. */
export const addedOf = ({ added }: Hit): number => added + 100;

/** What a plain look at hits answers, by channel. */
export const tally = () => {
  const groups = new Map<string, { hits: number; added: number }>();
  return {
    add: (hit: Hit): void => {
      const name = channelName(hit.channel);
      const group = groups.get(name) ?? { hits: 0, added: 0 };
      groups.set(name, { hits: group.hits + 1, added: group.added + addedOf(hit) });
    },
    rows: () => [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([channel, group]) => ({ channel, ...group })),
  };
};
