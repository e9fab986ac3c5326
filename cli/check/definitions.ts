import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openToRead } from '../../local/check/state.ts';
import { decodeProgress } from '../../shared/consume/progress.ts';

/** Metrics and entities by id (`name@hash`). */
export interface StoredDefinitions {
  readonly metrics: readonly string[];
  readonly entities: readonly string[];
}

/** What the host that last ran in a folder was folding; null if none has folded anything. */
export const storedDefinitions = (dataDir: string): StoredDefinitions | null => {
  const [views, entities] = [join(dataDir, 'views.db'), join(dataDir, 'entities.db')];
  if (!existsSync(views)) return null;
  const metrics = foldedMetrics(views);
  return metrics.length === 0 ? null : { metrics, entities: existsSync(entities) ? storedEntities(entities) : [] };
};

/** Each shard's progress names every metric that was ever folded, and when its folding ended (shared/consume/shard-batch.ts). */
const foldedMetrics = (path: string): string[] => {
  const database = openToRead(path);
  try {
    const rows = database.prepare("SELECT version, body FROM cells WHERE partition = 'progress' AND sort LIKE 'aggregate#%'").all() as {
      version: string;
      body: ArrayBuffer;
    }[];
    const folded = rows.flatMap(({ version, body }) => Object.entries(decodeProgress(new Uint8Array(body), version).metrics));
    return [...new Set(folded.flatMap(([id, { untilMs }]) => (untilMs === null ? [id] : [])))];
  } finally {
    database.close();
  }
};

/** Ids are JSON texts `"name@hash#key"`: one lookup for each entity type, however many items it has. */
const storedEntities = (path: string): string[] => {
  const database = openToRead(path);
  try {
    const next = database.prepare('SELECT id FROM entities WHERE id > ? ORDER BY id LIMIT 1');
    const found: string[] = [];
    for (let after = ''; ; ) {
      const row = next.get(after) as { id: string } | undefined;
      if (row === undefined) return found;
      const id = row.id.slice(1, row.id.indexOf('#'));
      found.push(id);
      // The character after '#'.
      after = `"${id}$`;
    }
  } finally {
    database.close();
  }
};

interface Named {
  readonly name: string;
  readonly hash: string;
}
/** A line for each that is new, changed or removed. */
export const changes = (kind: 'metric' | 'entity', now: Readonly<Record<string, Named>>, stored: readonly string[]): string[] => {
  const before = new Map(stored.map((id) => [id.slice(0, id.indexOf('@')), id]));
  const current = Object.values(now).flatMap(({ name, hash }) => {
    if (stored.includes(`${name}@${hash}`)) return [];
    if (kind === 'entity' && !before.has(name)) return [`  entity ${name}: added; it is built from events that come from now on`];
    if (kind === 'entity') return [`  entity ${name}: changed; it is rebuilt from events that come from now on`];
    return [`  metric ${name}: ${before.has(name) ? 'changed' : 'added'}; a start rebuilds it from all of its history`];
  });
  const gone = [...before.keys()].filter((name) => now[name] === undefined).map((name) => `  ${kind} ${name}: removed; it is no longer counted`);
  return [...current, ...gone];
};
