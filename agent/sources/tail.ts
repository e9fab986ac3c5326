import type { FileHandle } from 'node:fs/promises';
import type { Shaper } from '../formats/format.ts';
import { recordReader } from '../formats/record-reader.ts';
import type { Intake } from '../ports/source.ts';
import { type FilePosition, filePosition, headOf, isOf, readAt } from './file-head.ts';
import { type Gathered, gathering } from './gathering.ts';

export interface TailOptions {
  readonly file: FileHandle;
  readonly path: string;
  readonly stream: string;
  readonly shaper: Shaper;
  readonly intake: Intake;
}
export interface Tail {
  /** Takes whole records that are new; whether there were any bytes. */
  read(signal: AbortSignal): Promise<boolean>;
  /** Nothing more will be written: what is left is a record, too. Closes the file. */
  end(): Promise<void>;
  close(): Promise<void>;
}
const PIECE_BYTES = 262_144;

/** One open file that grows. */
export const tail = ({ file, path, stream, shaper, intake }: TailOptions): Tail => {
  let known: FilePosition | null = filePosition(intake.positionOf(stream));
  let reader: ReturnType<typeof recordReader> | null = null;
  let chunks: ReturnType<typeof gathering>;
  let offset = 0;

  /** From the last position, unless the file is another one by now. */
  const begin = async (): Promise<ReturnType<typeof recordReader>> => {
    const { size } = await file.stat();
    const isSame = known !== null && size >= known.offset && (await isOf(file, known));
    if (known !== null && !isSame) intake.note(`${path} was cut off or replaced: it is read from its beginning.`);
    if (!isSame) known = null;
    const from = known ?? { offset: 0, line: 0 };
    offset = from.offset;
    chunks = gathering(shaper, { offset, line: from.line, header: shaper.hasHeader && offset > 0 ? await firstOf(file, shaper) : null });
    return recordReader(shaper.split, { offset, line: from.line });
  };
  const take = async (gathered: Gathered | null): Promise<void> => {
    if (gathered === null) return;
    const { events, body, header, line, fromLine } = gathered;
    const position: FilePosition = { path, offset: gathered.offset, line, fromLine, ...(await headOf(file, gathered.offset)) };
    await intake.take({ stream, position: { ...position }, ids: null, type: shaper.type, header, events, body });
    known = position;
  };
  return {
    read: async (signal) => {
      reader ??= await begin();
      let isNews = false;
      for (;;) {
        const { size } = await file.stat();
        const isOther = size < offset || (size > offset && known !== null && !(await isOf(file, known)));
        if (isOther) reader = await begin();
        const piece = signal.aborted ? Buffer.alloc(0) : await readAt(file, PIECE_BYTES, offset);
        if (piece.length === 0) break;
        isNews = true;
        offset += piece.length;
        for (const record of reader.push(piece)) if (chunks.add(record)) await take(chunks.cut());
      }
      if (isNews) await take(chunks.cut());
      return isNews;
    },
    end: async () => {
      const last = reader?.end() ?? null;
      if (last !== null) chunks.add(last);
      if (reader !== null) await take(chunks.cut());
      await file.close();
    },
    close: () => file.close(),
  };
};

const firstOf = async (file: FileHandle, { split, headerOf }: Shaper): Promise<string | null> => {
  const reader = recordReader(split, { offset: 0, line: 0 });
  for (const { bytes } of reader.push(await readAt(file, PIECE_BYTES, 0))) return headerOf(bytes);
  return null;
};
