import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Edits of the sample, one after the other and again, each at a time of one's own. */
export const sampleEdits = (): ((n: number, time: string) => string) => {
  const lines = gunzipSync(readFileSync(join(process.cwd(), 'examples/wikipedia-edits-2015-09-12.ndjson.gz')))
    .toString()
    .trim()
    .split('\n');
  return (n, time) => {
    const line = lines[n % lines.length] as string;
    return `{"time":"${time}"${line.slice(line.indexOf(',"channel"'))}`;
  };
};
