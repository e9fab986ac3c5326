export interface ProgressBarOptions {
  /** In bytes; null if it is not known. */
  readonly total: number | null;
  /** How much of it was done before. */
  readonly before: number;
  readonly terminal: boolean;
}
/** A progress bar on standard error: redrawn in place on a terminal, otherwise a new line for every tenth. */
export const progressBar = ({ total, before, terminal }: ProgressBarOptions) => {
  const WIDTH = 30;
  let lastTenth = 0;
  let lastNote = '';
  const startedAt = performance.now();
  const draw = (done: number, events: number): string => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const counts = `${events.toLocaleString('en-US')} events, ${Math.round(events / seconds).toLocaleString('en-US')}/s`;
    if (total === null) return counts;
    const share = Math.min(1, done / Math.max(1, total));
    const filled = Math.round(share * WIDTH);
    const left = share < 1 && done > before ? `, ${durationOf((seconds / (done - before)) * (total - done))} left` : '';
    return `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}] ${Math.floor(share * 100)}%  ${counts}${left}`;
  };
  return {
    update: (done: number, events: number): void => {
      if (terminal) {
        process.stderr.write(`\r\x1b[K${draw(done, events)}`);
        return;
      }
      const tenth = total === null ? 0 : Math.floor((done / Math.max(1, total)) * 10);
      if (tenth > lastTenth) {
        lastTenth = tenth;
        process.stderr.write(`${draw(done, events)}\n`);
      }
    },
    note: (text: string): void => {
      if (text === lastNote) return;
      lastNote = text;
      process.stderr.write(`${terminal ? '\r\x1b[K' : ''}${text}\n`);
    },
    end: (): void => {
      if (terminal) process.stderr.write('\n');
    },
  };
};

/** `42 s`, `3 min` or `2 h 5 min`. */
const durationOf = (seconds: number): string => {
  const minutes = Math.round(seconds / 60);
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};
