import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';
import { Logo } from '../parts/logo.tsx';
import { linkTo } from '../state/place.ts';
import { contact, isLive, known, serverNow } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useZone } from '../state/use-range.ts';
import { factsOf, saidOf, saidWhenSilent } from './words.ts';

/** Renders again each second, for times that pass. */
const useSeconds = (): void => {
  const [, set] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => set((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
};

/** The page in one sentence: what is, why, and one thing to do; and five facts. */
export const Sentence = () => {
  const now = useStore(known);
  const reached = useStore(contact);
  const live = useStore(isLive);
  const zone = useZone();
  useSeconds();
  const state = reached.kind === 'silent' ? 'silent' : (now?.status.state ?? '');
  const around = { zone, nowMs: serverNow() };
  const said = now === null ? null : reached.kind === 'silent' ? saidWhenSilent(reached.sinceMs, around) : saidOf(now.status, around);
  const [spoken, speak] = useState('');
  // Read aloud when the state changes, and not each second.
  useEffect(() => {
    if (said !== null) speak(`${said.head} ${said.advice ?? ''}`);
  }, [state]);
  if (now === null || said === null) return null;
  const { level, head, text, advice } = said;
  return (
    <section class={`status ${level}`} aria-label="Status">
      <Logo state={level} size={34} />
      <div>
        <p class="say">
          <span class="say-1">{head}</span> {text}
        </p>
        <p class="vh" role="status">
          {spoken}
        </p>
        {advice === null ? null : (
          <p class="todo">
            <Icon name="warn" />
            <span>{advice}</span>
          </p>
        )}
        <ul class="facts">
          {factsOf(now.status, around, reached.kind === 'silent').map(({ name, value, view, tone }) => (
            <li key={name}>
              <a href={linkTo({ view, id: '' })} class={tone}>
                <span>{name}</span> <b>{value}</b>
              </a>
            </li>
          ))}
        </ul>
      </div>
      <button type="button" class="btn live-btn" aria-pressed={live} title="l" onClick={() => isLive.set(!live)}>
        <i class={`pulse ${live ? 'on' : ''}`} key={live ? now.status.events.total : 'off'} />
        {live ? 'Live' : 'Paused'}
      </button>
    </section>
  );
};
