import { useEffect, useState } from 'preact/hooks';

const REST_MS = 200;

/** A value as of the last pause in its changes: what somebody types is asked for once they pause, not at each key. */
export const useRested = <T>(value: T): T => {
  const [rested, rest] = useState(value);
  useEffect(() => {
    const due = setTimeout(() => rest(() => value), REST_MS);
    return () => clearTimeout(due);
  }, [value]);
  return rested;
};
