import { gzipSync } from 'node:zlib';
import { type EntityDefinition, fieldHash, type Scalar } from '../definition/definition.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { latestKind } from '../measures/latest.ts';
import type { Json } from '../measures/measure.ts';
import { compileExpression } from './evaluate.ts';
import { addTo, compileMeasures } from './metric.ts';
import { readStoredJson } from './stored-json.ts';

/**
 * The state of one entity. `upTo` has, by shard, the last sequence number folded in: an entity's events come from every
 * shard. Except for `upTo` it is a commutative monoid: the result does not depend on the order of events.
 */
export interface EntityState {
  readonly upTo: Map<string, string>;
  /** Whether the latest event, by event time and id, is a tombstone. */
  gone: ReturnType<typeof lastGone.zero>;
  readonly states: unknown[];
}

/** An entity's definition, compiled to functions that fold events. */
export interface EntityFold {
  /** The key of the entity that the event is about; null if there is none. */
  readonly key: (event: StoredEvent) => string | null;
  readonly zero: () => EntityState;
  /** Adds an event, in place. */
  readonly add: (state: EntityState, event: StoredEvent) => void;
  readonly isGone: (state: EntityState) => boolean;
  readonly present: (state: EntityState) => Readonly<Record<string, Json>>;
  readonly encode: (state: EntityState) => Uint8Array;
  /** A field that is new, or whose definition changed, starts from zero. */
  readonly decode: (bytes: Uint8Array) => EntityState;
}

interface Stored {
  readonly upTo: Readonly<Record<string, string>>;
  readonly gone: Json;
  /** By field hash. */
  readonly fields: Readonly<Record<string, Json>>;
}

const lastGone = latestKind.build({ kind: 'boolean', scale: 0, options: {} });
/** With the fields beside it, a state from here on would take an item past a KB, which is what a store bills by. */
const GZIP_FROM_BYTES = 600;

export const compileEntity = (definition: EntityDefinition): EntityFold => {
  const hashes = definition.fields.map(fieldHash);
  const fields = compileMeasures(definition.fields);
  const key = compileExpression(definition.key);
  const tombstone = definition.tombstone === null ? null : compileExpression(definition.tombstone);
  return {
    key: (event) => {
      const value: Scalar | null = event.type === definition.event ? key(event) : null;
      return value === null ? null : String(value);
    },
    zero: () => ({ upTo: new Map(), gone: lastGone.zero(), states: fields.map(({ measure }) => measure.zero()) }),
    add: (state, event) => {
      if (tombstone !== null) {
        const isGone = tombstone(event) === true;
        state.gone = lastGone.add(state.gone, isGone, event);
        if (isGone) return;
      }
      addTo(fields, state.states, event);
    },
    isGone: ({ gone }) => lastGone.present(gone) === true,
    present: ({ states }) => Object.fromEntries(fields.map(({ name, measure }, i) => [name, measure.present(states[i])])),
    encode: ({ upTo, gone, states }) => {
      const stored: Stored = {
        upTo: Object.fromEntries(upTo),
        gone: lastGone.encode(gone),
        fields: Object.fromEntries(fields.map(({ measure }, i) => [hashes[i], measure.encode(states[i])])),
      };
      const text = Buffer.from(JSON.stringify(stored));
      return text.length < GZIP_FROM_BYTES ? text : gzipSync(text, { level: 1 });
    },
    decode: (bytes) => {
      const stored = readStoredJson<Stored>(bytes);
      return {
        upTo: new Map(Object.entries(stored.upTo)),
        gone: lastGone.decode(stored.gone),
        states: fields.map(({ measure }, i) => measure.decode(stored.fields[hashes[i] as string] ?? null)),
      };
    },
  };
};
