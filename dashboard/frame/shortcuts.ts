import { shift, toggleCompare } from '../overview/toolbar.tsx';
import { go, here } from '../state/place.ts';
import { isLive } from '../state/session.ts';
import { NEAR, type Range } from '../time/range.ts';
import { toggleTheme } from './theme.ts';
import { VIEWS } from './views.ts';

const CHORD_MS = 900;
const PANEL_BUTTON = '.card.on .card-n';

interface Around {
  readonly range: () => Range;
  readonly showKeys: () => void;
}

/** Keys for everything; none with a modifier, in a field, or while a dialog is open. */
export const shortcuts = ({ range, showKeys }: Around): ((event: KeyboardEvent) => void) => {
  let chordAtMs = Number.NEGATIVE_INFINITY;
  const actions: Readonly<Record<string, () => void>> = {
    '?': showKeys,
    t: toggleTheme,
    c: toggleCompare,
    l: () => isLive.set(!isLive.get()),
    z: () => go({ range: '', every: '' }),
    x: () => go({ filters: here().filters.slice(0, -1) }),
    e: () => document.querySelector<HTMLButtonElement>(PANEL_BUTTON)?.click(),
    r: () => document.querySelector<HTMLButtonElement>('.when-b')?.click(),
    '[': () => shift(range(), -1),
    ']': () => shift(range(), 1),
    '/': () => {
      if (here().view !== 'entities') go({ view: 'entities', id: '' });
      setTimeout(() => document.querySelector<HTMLInputElement>('#search')?.focus(), 30);
    },
    ...Object.fromEntries(NEAR.map((name, i) => [String(i + 1), () => go({ range: name, every: '' })])),
  };
  return (event) => {
    const { key, target, ctrlKey, altKey, metaKey } = event;
    const isTyping = target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
    if (ctrlKey || altKey || metaKey || isTyping || document.querySelector('dialog[open]') !== null) return;
    const isChord = event.timeStamp - chordAtMs < CHORD_MS;
    chordAtMs = key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
    const view = isChord ? VIEWS.find((one) => one.key === key)?.view : undefined;
    const action = view === undefined ? actions[key] : () => go({ view, id: '', search: '' });
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
};
