const LAG = /^twinstream_lag_records\{.*\} (\S+)$/gm;

/** Whether every consumer of a host has processed everything that came before this call. */
export const isCaughtUp = async (url: string): Promise<boolean> => {
  // The second time for changes of entities that were made during the first.
  for (let look = 0; look < 2; look++) {
    const response = await fetch(`${url}/stats`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`Expected GET /stats to be answered 200, got ${response.status}: ${text.slice(0, 500)}`);
    if ([...text.matchAll(LAG)].some(([, records]) => Number(records) > 0)) return false;
  }
  return true;
};
