/** Ctrl-C, or SIGTERM, asks a command to stop; a second one ends the process. */
export const untilStopped = (): { readonly signal: AbortSignal; readonly release: () => void } => {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: stop.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
};
