import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { demandEvent, type StoredEvent } from '../log/stored-event.ts';

/** An event as the lake has it, with its place in the log. */
export interface RawEvent {
  readonly epochMs: number;
  readonly shard: string;
  readonly seq: string;
  readonly line: number;
  readonly event: StoredEvent;
}

/**
 * A raw file's events whose text has a part, in order; what is not an event is left out. Never more than a piece of the file is in memory.
 * @param mayGoOn is asked before each piece, with its length once inflated: no ends it.
 */
export async function* eventsIn(body: Uint8Array, part: string, mayGoOn: (length: number) => boolean): AsyncGenerator<RawEvent> {
  let rest = '';
  const inflated = Readable.from([body]).pipe(createGunzip());
  inflated.setEncoding('utf8');
  for await (const piece of inflated) {
    if (!mayGoOn(String(piece).length)) return;
    const lines = (rest + String(piece)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.includes(part)) continue;
      const found = readLine(line);
      if (found !== null) yield found;
    }
  }
}

const readLine = (text: string): RawEvent | null => {
  try {
    const { epoch, shard, seq, line, event } = JSON.parse(text) as Record<string, unknown>;
    return { epochMs: Number(epoch), shard: String(shard), seq: String(seq), line: Number(line), event: demandEvent(event) };
  } catch {
    return null;
  }
};
