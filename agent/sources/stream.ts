import { createHash } from 'node:crypto';
import type { Shaper } from '../formats/format.ts';
import { recordReader } from '../formats/record-reader.ts';
import type { Source } from '../ports/source.ts';
import { gathering } from './gathering.ts';

export interface StreamOptions {
  readonly name: string;
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;
  readonly shaper: Shaper;
  /** What ids are made of, with content and place, if the same bytes may come again; null if they come once, as those of standard input. */
  readonly identity: string | null;
}

/** Bytes that come from beginning to end. What was taken is durable. */
export const streamSource = ({ name, open, shaper, identity }: StreamOptions): Source => ({
  name,
  run: async (intake, signal) => {
    const reader = recordReader(shaper.split, { offset: 0, line: 0 });
    const chunks = gathering(shaper, { offset: 0, line: 0, header: null });
    const take = async (): Promise<void> => {
      const gathered = chunks.cut();
      if (gathered === null) return;
      const { events, body, header, line, fromLine } = gathered;
      const ids = identity === null ? null : contentIds(identity, fromLine, body);
      await intake.take({ stream: name, position: { line, fromLine }, ids, type: shaper.type, header, events, body });
    };
    for await (const piece of await open(signal)) {
      if (signal.aborted) return;
      for (const record of reader.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))) if (chunks.add(record)) await take();
      // A program that writes now and then is not kept waiting until a chunk is full; ids by content need chunks that do not depend on time.
      if (identity === null) await take();
    }
    const last = reader.end();
    if (last !== null) chunks.add(last);
    await take();
  },
});

/** The same content at the same place of the same source has the same ids. */
export const contentIds = (identity: string, fromLine: number, body: Buffer): { readonly key: string; readonly at: 0 } => ({
  key: `feed-${createHash('sha256').update(`${identity}\n${fromLine}\n`).update(body).digest('hex').slice(0, 24)}`,
  at: 0,
});
