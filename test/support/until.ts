/** Looks again and again until there is something. */
export const until = async <T>(look: () => T | Promise<T>): Promise<Exclude<T, null | undefined | false | ''>> => {
  const deadlineMs = Date.now() + 90_000;
  for (;;) {
    const value = await look();
    if (value) return value as Exclude<T, null | undefined | false | ''>;
    if (Date.now() > deadlineMs) throw new Error('Expected it within 90 s, got nothing');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
