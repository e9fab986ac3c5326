import { go } from '../state/place.ts';
import type { Explained } from '../state/url.ts';

type What = Pick<Explained, 'metric' | 'figure' | 'from' | 'to'> & Partial<Explained>;
/** Shows what a number is made of. The URL has it, so that it can be sent to somebody. */
export const explain = (what: What): void => go({ explained: { group: [], value: null, ...what } });
export const closeExplained = (): void => go({ explained: null }, { replace: true });
