/** Sleeps that a single wake() cuts short. */
export const waiter = () => {
  const waiting = new Set<() => void>();
  return {
    wait: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        waiting.add(end);
      }),
    wake: (): void => {
      for (const end of [...waiting]) end();
    },
  };
};
