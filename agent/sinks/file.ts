import { type FileHandle, open } from 'node:fs/promises';
import type { Batch } from '../ports/batch.ts';
import { RefusedError, type Sink, TryLaterError } from '../ports/sink.ts';

/** Appends events to a file, a line each. After a kill it is cut to what was acknowledged, so no line is there twice; nothing else may write it. */
export const fileSink = ({ path }: { readonly path: string }): Sink => {
  let file: FileHandle | undefined;
  let bytes = 0;
  /** The header of CSV, and the type, are the file's own. */
  let form: string | null = null;
  return {
    name: path,
    parallel: 1,
    open: async (state) => {
      // Created if it is missing; an append would ignore where it writes.
      await (await open(path, 'a')).close();
      file = await open(path, 'r+');
      const { size } = await file.stat();
      bytes = state === null ? size : Math.min(size, Number(state.bytes));
      form = state === null || state.form === '' ? null : String(state.form);
      await file.truncate(bytes);
      return { bytes, form: form ?? '' };
    },
    close: async () => file?.close(),
    deliver: async (batches) => {
      const opened = file as FileHandle;
      const { type, header } = batches[0] as Batch;
      const own = JSON.stringify([type, header]);
      if (form !== null && form !== own) throw new RefusedError(`${path} holds events of another type or form: ${form}, not ${own}. Use a file for each`);
      const lines = Buffer.concat([Buffer.from(header !== null && bytes === 0 ? `${header}\n` : ''), ...batches.map(({ body }) => body)]);
      try {
        // On a disk that is nearly full, a write may end early without an error.
        for (let done = 0; done < lines.length; ) done += (await opened.write(lines, done, lines.length - done, bytes + done)).bytesWritten;
        await opened.datasync();
      } catch (cause) {
        throw new TryLaterError(`${path} cannot be written: ${(cause as Error).message}`, 0, cause);
      }
      bytes += lines.length;
      form = own;
      return { accepted: batches.reduce((sum, { events }) => sum + events, 0), rejected: 0, errors: [], state: { bytes, form: own } };
    },
  };
};
