import { store, useStore } from './store.ts';
import { hashOf, type Place, placeOf } from './url.ts';

const place = store<Place>(placeOf(location.hash));
const read = () => place.set(placeOf(location.hash));
addEventListener('hashchange', read);
addEventListener('popstate', read);

export const here = (): Place => place.get();
export const usePlace = (): Place => useStore(place);
/** The link to another view of the same page. What is explained stays behind. */
export const linkTo = (change: Partial<Place>): string => hashOf({ ...here(), ...(change.view === undefined ? {} : { explained: null }), ...change });

/** Goes there; the back button comes back, unless the change is a small one of the same view. */
export const go = (change: Partial<Place>, { replace = false } = {}): void => {
  const hash = linkTo(change);
  if (hash === location.hash) return;
  if (replace) history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
  read();
};
export const viewerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
