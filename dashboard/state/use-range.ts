import { type Range, rangeOf } from '../time/range.ts';
import { lengthMs } from '../time/steps.ts';
import { isZone } from '../time/zone.ts';
import { usePlace, viewerZone } from './place.ts';
import { known, serverNow, tick, timeOf } from './session.ts';
import { useStore } from './store.ts';

export const useZone = (): string => {
  const { zone } = usePlace();
  return zone !== '' && isZone(zone) ? zone : viewerZone();
};

/** The range of the view, by what is known of the events now; it moves on with each change at the server. */
export const useRange = (): Range => {
  const { range, every } = usePlace();
  const zone = useZone();
  useStore(tick);
  const now = useStore(known);
  const events = now?.status.events;
  const coarsest = (now?.metrics ?? []).reduce((coarse, { window }) => (lengthMs(window) > lengthMs(coarse) ? window : coarse), '1m');
  return rangeOf({ range, every, zone, nowMs: serverNow(), window: coarsest, extent: { first: timeOf(events?.first), last: timeOf(events?.last) } });
};
