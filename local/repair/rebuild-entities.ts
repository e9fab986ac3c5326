import { partsChecker } from '../../shared/batch/generation-files.ts';
import type { Manifest } from '../../shared/batch/manifest.ts';
import { eventRelations } from '../../shared/batch/parts.ts';
import type { Pipeline } from '../../shared/definition/define.ts';
import { everywhere } from '../../shared/exclusions/exclusions.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { EntityStore } from '../../shared/ports/entity-store.ts';
import type { EventLog } from '../../shared/ports/event-log.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { SqlEngine } from '../../shared/ports/sql-engine.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { type EntityWork, entityWriter } from '../../shared/speed/entity-writer.ts';
import { entityPlacer } from '../../shared/speed/materialize.ts';
import { keptSql } from '../../shared/sql/states.ts';
import { REPAIR_SHARD } from '../../shared/storage/keys.ts';

export interface EntityPorts {
  readonly pipeline: Pipeline;
  readonly entities: EntityStore;
  readonly log: EventLog;
  readonly lake: ObjectStore;
  readonly engine: SqlEngine;
  readonly telemetry: Telemetry;
}

/** This many events are in memory at a time. */
const PART_EVENTS = 20_000;

/**
 * Folds every event of a generation into entities: deduplicated by source and id, without excluded ones. The store must be
 * empty. Returns how many events were folded, and how many an entity could not take.
 */
export const rebuildEntities = async (ports: EntityPorts, manifest: Manifest): Promise<{ events: number; refused: number }> => {
  const { pipeline, engine } = ports;
  const write = entityWriter(ports);
  const place = entityPlacer(pipeline);
  const types = new Set(Object.values(pipeline.entities).map(({ definition }) => definition.event));
  const rules = everywhere(manifest.exclusions);
  const events = eventRelations(engine, partsChecker(ports.lake, manifest.files ?? {}));
  let [part, folded, refused] = [0, 0, 0];
  for (const type of types) {
    for (const day of Object.keys(manifest.events[type] ?? {})) {
      const kept = keptSql(engine.dialect, await events(manifest, { type, days: [day] }, []), type, rules);
      const [counted] = await engine.rows(`SELECT count(*) AS events FROM (${kept})`);
      const parts = Math.max(1, Math.ceil(Number(counted?.events ?? 0) / PART_EVENTS));
      for (let i = 0; i < parts; i++) {
        const rows = await engine.rows(`SELECT * FROM (${kept}) WHERE hash(source, id) % ${parts} = ${i}`);
        const upTo = String(++part);
        const work = new Map<string, EntityWork>();
        const before = refused;
        for (const row of rows) {
          try {
            place(work, upTo, eventOf(type, row));
          } catch {
            refused++; // it was put in quarantine when it was first folded
          }
        }
        await write([...work.values()], REPAIR_SHARD, upTo, () => void refused++);
        folded += rows.length - (refused - before);
      }
    }
  }
  return { events: folded, refused };
};

const eventOf = (type: string, { source, id, subject, time, data }: Readonly<Record<string, unknown>>): StoredEvent => ({
  id: String(id),
  source: String(source),
  type,
  ...(subject == null ? {} : { subject: String(subject) }),
  time: String(time),
  data: JSON.parse(String(data)) as StoredEvent['data'],
});
