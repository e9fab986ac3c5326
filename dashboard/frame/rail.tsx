import { Icon } from '../parts/icon.tsx';
import { Logo } from '../parts/logo.tsx';
import { linkTo, usePlace } from '../state/place.ts';
import { known } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { number } from '../words/numbers.ts';
import { isDark, toggleTheme } from './theme.ts';
import { VIEWS } from './views.ts';

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
        {VIEWS.map((item) => (
          <li key={item.view}>
            <a href={linkTo({ view: item.view, id: '', search: '' })} aria-current={view === item.view ? 'page' : undefined} title={`g ${item.key}`}>
              <Icon name={item.icon} />
              <span>{item.title}</span>
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
