import { exampleOf, type Owner, refuse } from './define-parts.ts';
import { EACH, type Each, isEach } from './each.ts';
import { EVENT, type SomeEvent } from './event-type.ts';
import { type EventIdentity, shown } from './mistakes.ts';

/** What a metric counts: an event, or the items of one of its arrays. */
export const countedOf = (where: string, on: SomeEvent | Each, owners: readonly Owner[]): Owner => {
  if (!isEach(on)) return ownerOf(where, on, owners);
  const { [EACH]: items } = on;
  if (!('mistake' in items)) return { ...ownerOf(where, on, owners), each: { path: items.path, kind: items.kind } };
  const owner = owners.find(({ event }) => event === items.event) ?? owners[0];
  const { what, fix } = items.mistake(owner?.name ?? 'event', owner === undefined ? 'field' : exampleOf(owner));
  return refuse(where, what, fix);
};

/** The event that a metric or an entity is of, with the name that the pipeline gives it. */
export const ownerOf = (where: string, on: { readonly [EVENT]: EventIdentity | undefined }, owners: readonly Owner[]): Owner => {
  const identity: EventIdentity | undefined = on?.[EVENT];
  const names = owners.map(({ name }) => name).join(', ');
  return (
    owners.find(({ event }) => event === identity) ??
    refuse(
      where,
      identity === undefined ? `Expected one of the events { ${names} }, got ${shown(on)}` : `its event is not among events: { ${names} }`,
      'add the event to events, or count one that is there',
    )
  );
};
