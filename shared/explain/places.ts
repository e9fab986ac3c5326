import type { StoredEvent } from '../log/stored-event.ts';
import type { Place, placing } from '../speed/placing.ts';

export type Placing = ReturnType<typeof placing>;

/** Where an event counts, as the fold decided; null if it could not decide, and put the event in quarantine. */
export const placesIn = ({ placesOf }: Pick<Placing, 'placesOf'>, event: StoredEvent): readonly Place[] | null => {
  try {
    return placesOf(event);
  } catch {
    return null;
  }
};
