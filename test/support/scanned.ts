import type { EntityItem, EntityStore } from '../../shared/ports/entity-store.ts';

/** All items of an entity, part by part. */
export const scanned = async (store: EntityStore, entity: string): Promise<EntityItem[]> => {
  const all: EntityItem[] = [];
  let after: string | null = null;
  do {
    const { items, next } = await store.scan(entity, after);
    all.push(...items);
    after = next;
  } while (after !== null);
  return all;
};
