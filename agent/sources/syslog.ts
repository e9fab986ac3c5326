import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import type { Shaper } from '../formats/format.ts';
import { ChannelFullError } from '../ports/channel.ts';
import type { Chunk, Intake, Source } from '../ports/source.ts';

export interface SyslogOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly shaper: Shaper;
  readonly onListening: (port: number) => void;
}
const MAX_MESSAGE_BYTES = 65_536;
const MAX_CONNECTIONS = 1_000;
/** Datagrams that wait to be durable. */
const MAX_WAITING = 10_000;

const chunkOf = (shaper: Shaper, messages: readonly Buffer[]): Chunk | null => {
  const lines = messages.flatMap((message) => shaper.lineOf(message) ?? []);
  return lines.length === 0
    ? null
    : { stream: 'syslog', position: null, ids: null, type: shaper.type, header: null, events: lines.length, body: Buffer.concat(lines) };
};

/** At once if the signal came before: while the port was being opened, or earlier. */
const onAbort = (signal: AbortSignal, stop: () => void): void => {
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
};

/** Syslog over UDP (RFC 5426): a message a datagram. Nobody can make its senders wait, so what finds no room is lost, and counted. */
export const syslogUdp = ({ host, port, shaper, onListening }: SyslogOptions): Source => ({
  name: `syslog udp ${host}:${port}`,
  run: (intake, signal) =>
    new Promise((resolve, reject) => {
      const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_194_304 });
      let [waiting, lost] = [0, 0];
      const lose = (): void => {
        lost++;
        if ((lost & (lost - 1)) === 0) intake.note(`syslog udp: ${lost} messages are lost, since the channel had no room for them.`);
      };
      socket.on('message', (message) => {
        const chunk = chunkOf(shaper, [message]);
        if (chunk === null) return;
        if (waiting >= MAX_WAITING) return lose();
        waiting++;
        intake
          .offer(chunk)
          .catch((error) => {
            // Anything else ends the agent.
            if (error instanceof ChannelFullError) lose();
          })
          .finally(() => waiting--);
      });
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.bind(port, host, () => {
        onListening(socket.address().port);
        onAbort(signal, () => socket.close());
      });
    }),
});

/**
 * Syslog over TCP (RFC 6587): messages by line, or by their length in front. A connection is read only as fast as its messages
 * become durable, so a full channel makes its sender wait.
 */
export const syslogTcp = ({ host, port, shaper, onListening }: SyslogOptions): Source => ({
  name: `syslog tcp ${host}:${port}`,
  run: (intake, signal) =>
    new Promise((resolve, reject) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        receive(socket, intake, shaper).catch(() => socket.destroy());
      });
      server.maxConnections = MAX_CONNECTIONS;
      server.on('error', reject);
      server.on('close', () => resolve());
      server.listen(port, host, () => {
        onListening((server.address() as { port: number }).port);
        onAbort(signal, () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        });
      });
    }),
});

const receive = async (socket: Socket, intake: Intake, shaper: Shaper): Promise<void> => {
  const { push, rest } = framing();
  const take = async (messages: readonly Buffer[]): Promise<void> => {
    const chunk = chunkOf(shaper, messages);
    if (chunk !== null) await intake.take(chunk);
  };
  for await (const piece of socket as AsyncIterable<Buffer>) await take(push(piece));
  // What has no end is a message too, if its sender has closed in order.
  if (rest().length > 0) await take([rest()]);
};

const NEWLINE = 0x0a;
/** The messages of a connection, in pieces of any size. Of one that is too long, only the beginning is taken: its rest must not be read as messages. */
export const framing = () => {
  let pending: Buffer = Buffer.alloc(0);
  /** What is left of a message that was cut: so many bytes, or all up to the end of the line. */
  let cut: number | 'line' = 0;
  /** Where the next message begins. */
  const skip = (bytes: Buffer, at: number): number => {
    if (cut === 'line') {
      const newline = bytes.indexOf(NEWLINE, at);
      if (newline === -1) return bytes.length;
      cut = 0;
      return newline + 1;
    }
    const skipped = Math.min(cut, bytes.length - at);
    cut -= skipped;
    return at + skipped;
  };
  return {
    push: (piece: Buffer): readonly Buffer[] => {
      const bytes = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
      const messages: Buffer[] = [];
      let at = 0;
      for (;;) {
        at = skip(bytes, at);
        if (at === bytes.length) break;
        const [prefix = '', length] = /^([1-9]\d{0,7}) /.exec(bytes.toString('latin1', at, at + 10)) ?? [];
        const start = at + prefix.length;
        const newline = bytes.indexOf(NEWLINE, at);
        const isWhole = length === undefined ? newline !== -1 : start + Number(length) <= bytes.length;
        if (!isWhole && bytes.length - start < MAX_MESSAGE_BYTES) break;
        const whole = length !== undefined ? Number(length) : newline === -1 ? Number.POSITIVE_INFINITY : newline - at;
        const taken = Math.min(whole, MAX_MESSAGE_BYTES);
        if (taken > 0) messages.push(bytes.subarray(start, start + taken));
        at = start + taken;
        cut = length === undefined ? 'line' : whole - taken;
      }
      pending = bytes.subarray(at);
      return messages;
    },
    /** What has no end yet. */
    rest: (): Buffer => pending,
  };
};
