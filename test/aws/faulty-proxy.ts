import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { StartedServer } from './servers/process.ts';

export interface ProxyRequest {
  /** `PutRecords`, as X-Amz-Target names it, or method and path where there is none. */
  readonly action: string;
  readonly body: Buffer;
}
export interface ProxyAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
/** What happens to a request: an answer, from the server behind (`forward`) or made up; or none, with the connection broken or left silent. */
export type Fault = (
  request: ProxyRequest,
  forward: (body: Buffer) => Promise<ProxyAnswer>,
) => Promise<ProxyAnswer | 'broken' | 'silent' | { readonly cut: ProxyAnswer }>;

export interface FaultyProxy extends StartedServer {
  /** Faults of the next requests of an action, one each; then they go through. */
  next(action: string, ...faults: readonly Fault[]): void;
  /** What happens to every request that has no other fault; null for nothing. */
  always(fault: Fault | null): void;
  /** How often each action was asked for since it was started. */
  readonly asked: ReadonlyMap<string, number>;
}

/** Stands in front of a real server and does to requests what networks and throttled services do. */
export const startFaultyProxy = async (endpoint: string): Promise<FaultyProxy> => {
  const queued = new Map<string, Fault[]>();
  const asked = new Map<string, number>();
  let standing: Fault | null = null;

  const server = createServer(async (request, response) => {
    try {
      const body = await bodyOf(request);
      const action = /\.(\w+)$/.exec(String(request.headers['x-amz-target'] ?? ''))?.[1] ?? `${request.method} ${request.url}`;
      asked.set(action, (asked.get(action) ?? 0) + 1);
      const forward = (changed: Buffer) => ask(endpoint, request, changed);
      const fault = queued.get(action)?.shift() ?? standing ?? passed;
      answer(response, await fault({ action, body }, forward));
    } catch {
      response.destroy(); // the server behind is gone
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    next: (action, ...faults) => void queued.set(action, [...(queued.get(action) ?? []), ...faults]),
    always: (fault) => {
      standing = fault;
    },
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const answer = (response: ServerResponse, outcome: Awaited<ReturnType<Fault>>): void => {
  if (outcome === 'silent') return;
  if (outcome === 'broken') response.destroy();
  else if ('cut' in outcome) {
    const { status, headers, body } = outcome.cut;
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.write(body.subarray(0, body.length >> 1), () => response.destroy());
  } else response.writeHead(outcome.status, { ...outcome.headers, 'content-length': outcome.body.length }).end(outcome.body);
};

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
};
/** The server behind sees the request that the client made, but for its body's length. */
const ask = (endpoint: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<ProxyAnswer> =>
  new Promise((resolve, reject) => {
    const { 'transfer-encoding': _chunked, ...rest } = headers;
    send(new URL(url ?? '/', endpoint), { method, headers: { ...rest, 'content-length': body.length } }, async (message) => {
      const { 'transfer-encoding': _, 'x-amz-crc32': __, ...answered } = message.headers;
      bodyOf(message).then((answer) => resolve({ status: message.statusCode ?? 0, headers: answered, body: answer }), reject);
    })
      .on('error', reject)
      .end(body);
  });

export const passed: Fault = ({ body }, forward) => forward(body);
export const brokenBefore: Fault = async () => 'broken';
/** The server has done it, but nobody hears. */
export const brokenAfter: Fault = async ({ body }, forward) => {
  await forward(body);
  return 'broken';
};
export const silent: Fault = async () => 'silent';
/** Half of the answer, then the end of the connection. */
export const cut: Fault = async ({ body }, forward) => ({ cut: await forward(body) });
export const refused =
  (status: number, name: string): Fault =>
  async () => ({
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: Buffer.from(JSON.stringify({ __type: name, message: 'as the test wants it' })),
  });
/** Changes the request's JSON on its way there, and the answer's on its way back. */
export const changed =
  <Request extends object, Answer extends object>(there: (request: Request) => Request, back: (answer: Answer, request: Request) => object): Fault =>
  async ({ body }, forward) => {
    const request = JSON.parse(body.toString()) as Request;
    const answered = await forward(Buffer.from(JSON.stringify(there(request))));
    return { ...answered, body: Buffer.from(JSON.stringify(back(JSON.parse(answered.body.toString()), request))) };
  };
