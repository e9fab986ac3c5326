import { asCounted } from '../../shared/explain/as-counted.ts';
import { placesIn } from '../../shared/explain/places.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import { placing } from '../../shared/speed/placing.ts';
import { NINE, pipeline } from './visits-world.ts';

const event: StoredEvent = { id: 'a', source: '/s', type: 'visit', time: NINE, data: { id: 'a', at: NINE, user: 'u', ms: 1 } };
const places = placing(pipeline);
const throwing = {
  ...places,
  placesOf: () => {
    throw new RangeError('Expected a place, got none');
  },
};

test('an event that the fold could not place is in quarantine, and in no list', () => {
  expect(placesIn(places, event)).toHaveLength(1);
  expect(asCounted(places, event).state).toBe('counted');
  expect(placesIn(throwing, event)).toBeNull();
  expect(asCounted(throwing, event)).toEqual({ state: 'quarantined' });
});
