/** Something that AWS would refuse or throttle, though an emulator lets it through. */
export interface Breach {
  /** The service, and the function, table, key or shard. */
  readonly place: string;
  readonly limit: string;
  readonly allowed: number;
  /** The worst that was seen, and how often it was past the limit. */
  worst: number;
  times: number;
}

export interface Limits {
  /** Of one request or answer. */
  check(place: string, limit: string, value: number, allowed: number): void;
  /** Of what adds up within a second of the load. */
  perSecond(place: string, limit: string, value: number, allowed: number, atMs: number): void;
  /** Until here everything was prepared, and nothing of it counts. */
  reset(): void;
  breaches(): readonly Breach[];
}

export const limits = (): Limits => {
  const found = new Map<string, Breach>();
  const seconds = new Map<string, { second: number; sum: number }>();
  const breach = (place: string, limit: string, value: number, allowed: number): void => {
    const key = `${place}|${limit}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { place, limit, allowed, worst: value, times: 1 });
    else {
      known.worst = Math.max(known.worst, value);
      known.times++;
    }
  };
  return {
    check: (place, limit, value, allowed) => {
      if (value > allowed) breach(place, limit, value, allowed);
    },
    perSecond: (place, limit, value, allowed, atMs) => {
      const key = `${place}|${limit}`;
      const second = Math.floor(atMs / 1_000);
      let one = seconds.get(key);
      if (one === undefined || one.second !== second) seconds.set(key, (one = { second, sum: 0 }));
      const before = one.sum;
      one.sum += value;
      if (one.sum <= allowed) return;
      if (before <= allowed) breach(place, limit, one.sum, allowed);
      else {
        const known = found.get(key);
        if (known !== undefined) known.worst = Math.max(known.worst, one.sum);
      }
    },
    reset: () => {
      found.clear();
      seconds.clear();
    },
    breaches: () => [...found.values()],
  };
};
