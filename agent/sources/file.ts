import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { Shaper } from '../formats/format.ts';
import { recordReader } from '../formats/record-reader.ts';
import type { Intake, Source } from '../ports/source.ts';
import { type FilePosition, filePosition, headOf, isOf, withFile } from './file-head.ts';
import { type Gathered, gathering } from './gathering.ts';
import { contentIds } from './stream.ts';

export interface FileOptions {
  readonly path: string;
  /** What its events' ids are made of, with their content and place: the same file, read again, counts once. */
  readonly identity: string;
  readonly shaper: Shaper;
}

/** A file (.gz too) from its beginning to its end. The position's `read` is how many of its bytes are read. */
export const fileSource = ({ path, identity, shaper }: FileOptions): Source => ({
  name: path,
  run: async (intake, signal) => {
    const stream = `file ${path}`;
    const { head, isSame } = await look(path, intake, stream);
    const before = isSame ? filePosition(intake.positionOf(stream)) : null;
    const { offset, line } = before ?? { offset: 0, line: 0 };
    const isZipped = path.endsWith('.gz');
    // The header of CSV is read again, and what a zip holds, from the beginning.
    const header = shaper.hasHeader && offset > 0 ? await headerOf(path, shaper) : null;
    const input = createReadStream(path, isZipped ? {} : { start: offset });
    const text = isZipped ? input.pipe(createGunzip()) : input;
    input.on('error', (error) => text.destroy(error));
    const reader = recordReader(shaper.split, { offset, line });
    const chunks = gathering(shaper, { offset, line, header });
    const take = async (gathered: Gathered | null): Promise<void> => {
      if (gathered === null) return;
      const { events, body } = gathered;
      const position: FilePosition = { path, offset: gathered.offset, line: gathered.line, fromLine: gathered.fromLine, ...head };
      await intake.take({
        stream,
        position: { ...position, read: isZipped ? input.bytesRead : gathered.offset },
        ids: contentIds(identity, gathered.fromLine, body),
        type: shaper.type,
        header: gathered.header,
        events,
        body,
      });
    };
    let skip = isZipped ? offset : 0;
    for await (const piece of text as AsyncIterable<Buffer>) {
      if (signal.aborted) return;
      const bytes = piece.subarray(Math.min(skip, piece.length));
      skip -= piece.length - bytes.length;
      for (const record of reader.push(bytes)) if (chunks.add(record)) await take(chunks.cut());
    }
    const last = reader.end();
    if (last !== null) chunks.add(last);
    await take(chunks.cut());
  },
});

/** A file that was replaced is read from its beginning. */
const look = (path: string, intake: Intake, stream: string) =>
  withFile(path, async (file) => {
    const before = filePosition(intake.positionOf(stream));
    const isSame = before === null || (await isOf(file, before));
    if (!isSame) intake.note(`${path} is not the file that it was: it is read from its beginning.`);
    return { head: await headOf(file), isSame };
  });

const headerOf = async (path: string, { split, headerOf: named }: Shaper): Promise<string | null> => {
  const input = createReadStream(path);
  const reader = recordReader(split, { offset: 0, line: 0 });
  for await (const piece of (path.endsWith('.gz') ? input.pipe(createGunzip()) : input) as AsyncIterable<Buffer>)
    for (const { bytes } of reader.push(piece)) {
      input.destroy();
      return named(bytes);
    }
  return null;
};
