/** Looks again and again until there is something. */
export const until = async <T>(look: () => T | null | undefined | false | Promise<T | null | undefined | false>): Promise<T> => {
  const deadlineMs = Date.now() + 30_000;
  for (;;) {
    const value = await look();
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > deadlineMs) throw new Error('Expected it within 30 s, got nothing');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
