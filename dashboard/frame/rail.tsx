import { Icon, type IconName } from '../parts/icon.tsx';
import { Logo } from '../parts/logo.tsx';
import { linkTo, usePlace } from '../state/place.ts';
import { known } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import type { View } from '../state/url.ts';
import { number } from '../words/numbers.ts';
import { isDark, toggleTheme } from './theme.ts';

export const TITLES: Readonly<Record<View, string>> = { overview: 'Overview', entities: 'Entities', quarantine: 'Quarantine', operations: 'Operations' };
const ITEMS: readonly { readonly view: View; readonly icon: IconName; readonly keys: string }[] = [
  { view: 'overview', icon: 'chart', keys: 'g o' },
  { view: 'entities', icon: 'search', keys: 'g f' },
  { view: 'quarantine', icon: 'tray', keys: 'g q' },
  { view: 'operations', icon: 'flow', keys: 'g p' },
];
const scrollTo = (metric: string): void => {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.querySelector(`#m-${CSS.escape(metric)}`)?.scrollIntoView({ behavior: isStill ? 'auto' : 'smooth' });
};

const Metrics = () => (
  <ul class="sub">
    {(useStore(known)?.metrics ?? []).map(({ name }) => (
      <li key={name}>
        <button type="button" onClick={() => scrollTo(name)}>
          {name}
        </button>
      </li>
    ))}
  </ul>
);

/** The views, and what changes the page itself. */
export const Rail = ({ onKeys }: { readonly onKeys: () => void }) => {
  const { view } = usePlace();
  const waiting = useStore(known)?.status.quarantine?.waiting ?? 0;
  const dark = useStore(isDark);
  return (
    <nav class="rail" aria-label="Views">
      <a class="brand" href={linkTo({ view: 'overview', id: '', search: '' })}>
        <Logo />
        <span>Twinstream</span>
      </a>
      <ul>
        {ITEMS.map((item) => (
          <li key={item.view}>
            <a href={linkTo({ view: item.view, id: '', search: '' })} aria-current={view === item.view ? 'page' : undefined} title={item.keys}>
              <Icon name={item.icon} />
              <span>{TITLES[item.view]}</span>
              {item.view === 'quarantine' && waiting > 0 ? (
                <b class="badge">
                  {number(waiting)}
                  <i class="vh"> waiting</i>
                </b>
              ) : null}
            </a>
            {item.view === 'overview' && view === 'overview' ? <Metrics /> : null}
          </li>
        ))}
      </ul>
      <div class="rail-foot">
        <button type="button" class="btn ghost" onClick={toggleTheme} title="t">
          <Icon name={dark ? 'sun' : 'moon'} />
          <span>{dark ? 'Light' : 'Dark'}</span>
        </button>
        <button type="button" class="btn ghost" onClick={onKeys} title="?">
          <Icon name="keys" />
          <span>Keyboard</span>
        </button>
      </div>
    </nav>
  );
};
