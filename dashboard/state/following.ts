import { live } from '../../client/live.ts';
import { fetched, globals } from '../../client/transport.ts';
import { baseUrl } from '../api/http.ts';
import { token } from '../api/token.ts';
import { contact, isLive, known, tick } from './session.ts';

/** Numbers are asked for at most so often, however often they change. */
const REST_MS = 1_000;
const RETRY = { firstMs: 1_000, maxMs: 30_000 };

/**
 * Has everything ask again as soon as the server pushes that numbers have changed, sooner than a look at its status would say
 * so. Where it pushes nothing, or no longer, looks go on as they do. Follows nothing while the tab is hidden.
 */
export const startFollowing = (): void => {
  let following: AbortController | null = null;
  let followed = '';
  let due: ReturnType<typeof setTimeout> | null = null;
  let restsUntilMs = 0;

  const changed = (): void => {
    if (due !== null) return;
    due = setTimeout(
      () => {
        due = null;
        restsUntilMs = Date.now() + REST_MS;
        if (isLive.get() && !document.hidden) tick.set(tick.get() + 1);
      },
      Math.max(0, restsUntilMs - Date.now()),
    );
  };
  const follow = async (metrics: readonly string[], signal: AbortSignal): Promise<void> => {
    for await (const _ of live(fetched(baseUrl(), token.get() ?? undefined, globals), metrics, signal, RETRY, globals)) changed();
  };
  const choose = (): void => {
    const isWanted = !document.hidden && contact.get().kind === 'ready';
    const metrics = isWanted ? (known.get()?.metrics ?? []).map(({ name }) => name) : [];
    const wanted = metrics.join();
    if (wanted === followed) return;
    followed = wanted;
    following?.abort();
    if (metrics.length === 0) return;
    following = new AbortController();
    // It refuses: a stage without live numbers, or a token that may not read them.
    follow(metrics, following.signal).catch(() => {});
  };
  document.addEventListener('visibilitychange', choose);
  contact.subscribe(choose);
  known.subscribe(choose);
  choose();
};
