/** Where and how a statement runs. */
export interface TrinoTarget {
  /** http://127.0.0.1:port */
  readonly endpoint: string;
  readonly catalog?: string;
  readonly schema?: string;
  readonly session?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}
export interface TrinoColumn {
  readonly name: string;
  /** varchar, bigint, decimal(38,0) … */
  readonly type: string;
}
export interface TrinoResult {
  readonly columns: readonly TrinoColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly bytesRead: number;
}
/** A page of Trino's answer, of what it may hold the parts that are read here. */
interface Page {
  readonly nextUri?: string;
  readonly columns?: readonly TrinoColumn[];
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly errorName: string; readonly errorType: string; readonly message: string };
  readonly stats?: { readonly physicalInputBytes?: number };
}

/** `message` is Trino's: NAME: text. */
export class TrinoError extends Error {
  override readonly name = 'TrinoError';
  /** USER_ERROR, INTERNAL_ERROR, INSUFFICIENT_RESOURCES or EXTERNAL. */
  readonly type: string;
  constructor(message: string, type: string) {
    super(message);
    this.type = type;
  }
}

/**
 * Runs a statement by Trino's HTTP protocol: the statement is posted, then each answer names where the next is
 * (trino.io/docs/current/develop/client-protocol.html). When `signal` aborts, the statement is cancelled.
 * @throws {TrinoError} if Trino refuses it or it fails.
 */
export const trinoQuery = async ({ endpoint, catalog, schema, session = {}, signal }: TrinoTarget, sql: string): Promise<TrinoResult> => {
  const headers = {
    'X-Trino-User': 'test',
    'X-Trino-Time-Zone': 'UTC',
    ...(catalog === undefined ? {} : { 'X-Trino-Catalog': catalog }),
    ...(schema === undefined ? {} : { 'X-Trino-Schema': schema }),
    ...(Object.keys(session).length === 0
      ? {}
      : {
          'X-Trino-Session': Object.entries(session)
            .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
            .join(','),
        }),
  };
  const rows: (readonly unknown[])[] = [];
  let columns: readonly TrinoColumn[] = [];
  let page = await ask(`${endpoint}/v1/statement`, { method: 'POST', headers, body: sql });
  for (;;) {
    if (page.error !== undefined) throw new TrinoError(`${page.error.errorName}: ${page.error.message}`, page.error.errorType);
    if (page.columns !== undefined) columns = page.columns;
    for (const row of page.data ?? []) rows.push(row);
    if (page.nextUri === undefined) return { columns, rows, bytesRead: page.stats?.physicalInputBytes ?? 0 };
    if (signal?.aborted === true) {
      await fetch(page.nextUri, { method: 'DELETE', headers });
      throw new TrinoError('USER_CANCELED: Query was canceled', 'USER_ERROR');
    }
    page = await ask(page.nextUri, { headers });
  }
};

const ask = async (url: string, init: RequestInit): Promise<Page> => {
  for (;;) {
    const response = await fetch(url, init);
    if (response.status === 503) {
      await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, 100)); // the protocol's way to say that it is busy
      continue;
    }
    if (!response.ok) throw new TrinoError(`Expected an answer from Trino, got ${response.status}: ${(await response.text()).slice(0, 500)}`, 'EXTERNAL');
    return (await response.json()) as Page;
  }
};
