import { csvOf } from '../data/csv.ts';

/** Has the browser save lines as a CSV file. */
export const download = (name: string, lines: readonly (readonly unknown[])[]): void => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([csvOf(lines)], { type: 'text/csv;charset=utf-8' }));
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};
