/** A progress bar on standard error: redrawn in place on a terminal, otherwise a new line for every tenth. */
export const progressBar = ({ total, terminal }: { total: number | null; terminal: boolean }) => {
  const WIDTH = 30;
  let lastTenth = 0;
  let lastNote = '';
  const startedAt = performance.now();
  const draw = (done: number, events: number): string => {
    const rate = Math.round(events / ((performance.now() - startedAt) / 1_000));
    const counts = `${events.toLocaleString('en-US')} events, ${rate.toLocaleString('en-US')}/s`;
    if (total === null) return counts;
    const share = Math.min(1, done / Math.max(1, total));
    const filled = Math.round(share * WIDTH);
    return `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}] ${Math.floor(share * 100)}%  ${counts}`;
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
