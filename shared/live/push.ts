import type { Pipeline } from '../definition/define.ts';
import { WINDOW_MS } from '../definition/windows.ts';
import type { CellKey } from '../ports/cell-store.ts';
import { inParallel } from '../ports/in-parallel.ts';
import type { LiveConnection, LiveConnections, LivePost } from '../ports/live-connections.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Row } from '../query/rows.ts';
import type { CallContext } from '../request/http.ts';
import { metricId, pointerKey } from '../storage/keys.ts';
import { type Changes, newestOf, writtenBy } from './changes.ts';
import type { CurrentRows } from './current-rows.ts';
import { messageText } from './message.ts';

export interface PushPorts {
  readonly pipeline: Pick<Pipeline, 'metrics'>;
  readonly rowsOf: CurrentRows;
  readonly connections: LiveConnections;
  readonly post: LivePost;
  /** Epoch milliseconds. Each message says when its rows were read: those of another run may arrive later, and be older. */
  readonly clock: () => number;
  readonly telemetry: Pick<Telemetry, 'debug' | 'warn'>;
}

/** Concurrent calls. */
const PARALLEL = 32;
/** A message takes no more: API Gateway's own limit is 128 KB. */
const MAX_BYTES = 100_000;

/**
 * When cells are written, computes the current rows of their windows, and sends them to the connections that follow the metric.
 * It keeps no state between calls, so any Lambda environment can take any call.
 */
export const pushChanges = ({ pipeline, rowsOf, connections, post, clock, telemetry }: PushPorts) => {
  const metrics = Object.values(pipeline.metrics).map((metric) => ({ ...metric, id: metricId(metric) }));

  const messageOf = async (metric: (typeof metrics)[number], { windows, more }: Changes, context: CallContext): Promise<string> => {
    const at = clock();
    let rows: readonly Row[];
    try {
      rows = windows.length === 0 ? [] : await rowsOf({ metric: metric.name, windows: withPrevious(windows, WINDOW_MS[metric.definition.window]) }, context);
    } catch (error) {
      telemetry.warn('Live rows could not be computed; followers get `more: true` instead', { metric: metric.name, error: (error as Error).message });
      return messageText(metric.name, [], true, at);
    }
    const text = messageText(
      metric.name,
      rows.map((row) => JSON.stringify(row)),
      more,
      at,
    );
    return Buffer.byteLength(text) > MAX_BYTES ? messageText(metric.name, [], true, at) : text;
  };

  const deliver = async ({ id, metrics: wanted }: LiveConnection, messages: ReadonlyMap<string, string>): Promise<void> => {
    for (const name of wanted) {
      const text = messages.get(name);
      if (text === undefined) continue;
      const outcome = await post.send(id, text);
      if (outcome === 'sent') continue;
      // Its client connects again, and asks for what it has missed.
      if (outcome === 'failed') await post.disconnect(id);
      await connections.remove(id);
      telemetry.debug('A live connection was removed', { outcome });
      return;
    }
  };

  /** @param keys of items of the cell store that were written. */
  return async (keys: readonly CellKey[], context: CallContext): Promise<void> => {
    const { changes } = writtenBy(keys);
    const isAtLarge = keys.some(({ partition, sort }) => partition === pointerKey.partition && sort === pointerKey.sort);
    const changed = metrics.filter(({ id }) => isAtLarge || changes[id] !== undefined);
    if (changed.length === 0) return;
    const all = await connections.list('eventual');
    const followed = new Set(all.flatMap((connection) => connection.metrics));
    const messages = new Map<string, string>();
    for (const metric of changed) {
      const { windows, more } = changes[metric.id] ?? { windows: [], more: false };
      if (followed.has(metric.name)) messages.set(metric.name, await messageOf(metric, { windows, more: more || isAtLarge }, context));
    }
    if (messages.size > 0) await inParallel(PARALLEL, all, (connection) => deliver(connection, messages));
  };
};

/** With the window before the newest one, which may be over by now. */
const withPrevious = (windows: readonly number[], lengthMs: number): readonly number[] =>
  newestOf(new Set([...windows, Math.max(...windows) - lengthMs]), false).windows;
