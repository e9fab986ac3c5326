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
      socket.bind(port, host, () => onListening(socket.address().port));
      signal.addEventListener('abort', () => socket.close(), { once: true });
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
      server.listen(port, host, () => onListening((server.address() as { port: number }).port));
      signal.addEventListener(
        'abort',
        () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
        { once: true },
      );
    }),
});

const receive = async (socket: Socket, intake: Intake, shaper: Shaper): Promise<void> => {
  let pending: Buffer = Buffer.alloc(0);
  const take = async (messages: readonly Buffer[]): Promise<void> => {
    const chunk = chunkOf(shaper, messages);
    if (chunk !== null) await intake.take(chunk);
  };
  for await (const piece of socket as AsyncIterable<Buffer>) {
    const { messages, rest } = framed(pending.length === 0 ? piece : Buffer.concat([pending, piece]));
    pending = rest;
    await take(messages);
  }
  // What has no end is a message too, if its sender has closed in order.
  if (pending.length > 0) await take([pending]);
};

const NEWLINE = 0x0a;
/** Whole messages of some bytes. Too long ones are cut. */
export const framed = (bytes: Buffer): { readonly messages: readonly Buffer[]; readonly rest: Buffer } => {
  const messages: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [prefix, length] = /^([1-9]\d{0,7}) /.exec(bytes.toString('latin1', at, at + 10)) ?? [];
    const start = at + (prefix?.length ?? 0);
    const newline = bytes.indexOf(NEWLINE, at);
    const end = length !== undefined ? start + Number(length) : newline;
    const isCut = (length === undefined && newline === -1) || end > bytes.length;
    if (isCut && bytes.length - at <= MAX_MESSAGE_BYTES) break;
    if (isCut) {
      messages.push(bytes.subarray(start, start + MAX_MESSAGE_BYTES));
      return { messages, rest: Buffer.alloc(0) };
    }
    if (end > start) messages.push(bytes.subarray(start, Math.min(end, start + MAX_MESSAGE_BYTES)));
    at = length !== undefined ? end : end + 1;
  }
  return { messages, rest: bytes.subarray(at) };
};
