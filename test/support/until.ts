/** Looks again and again until there is something. Rests ten times as long as a look takes, so that looks take a tenth of the time at most. */
export const until = async <T>(look: () => T | Promise<T>): Promise<Exclude<T, null | undefined | false | ''>> => {
  const deadlineMs = Date.now() + 90_000;
  for (;;) {
    const beganMs = performance.now();
    const value = await look();
    if (value) return value as Exclude<T, null | undefined | false | ''>;
    if (Date.now() > deadlineMs) throw new Error('Expected it within 90 s, got nothing');
    const restMs = Math.min(500, Math.max(2, 10 * (performance.now() - beganMs)));
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
};
