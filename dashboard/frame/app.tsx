import { useEffect, useRef, useState } from 'preact/hooks';
import { Entities } from '../entities/entities.tsx';
import { WhereIs } from '../event/where-is.tsx';
import { Explain } from '../explain/explain.tsx';
import { closeExplained } from '../explain/open.ts';
import { Operations } from '../operations/operations.tsx';
import { Overview } from '../overview/overview.tsx';
import { Logo } from '../parts/logo.tsx';
import { Quarantine } from '../quarantine/quarantine.tsx';
import { usePlace } from '../state/place.ts';
import { contact, known } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useRange } from '../state/use-range.ts';
import { Gate } from './gate.tsx';
import { Keys } from './keys.tsx';
import { Rail } from './rail.tsx';
import { shortcuts } from './shortcuts.ts';
import { VIEWS } from './views.ts';

const SHOWN = { overview: Overview, entities: Entities, quarantine: Quarantine, operations: Operations, event: WhereIs } as const;

/** Before the first answer. */
const Waiting = ({ isSilent }: { readonly isSilent: boolean }) => (
  <main class="boot" id="main">
    <Logo state={isSilent ? 'bad' : 'wait'} size={44} />
    <h1>{isSilent ? 'The server does not answer.' : 'Twinstream'}</h1>
    {isSilent ? <p>Is it running? The page asks again every 5 s.</p> : null}
  </main>
);

/** The page around its views. */
export const App = () => {
  const { view, explained } = usePlace();
  const reached = useStore(contact);
  const now = useStore(known);
  const [areKeysShown, showKeys] = useState(false);
  const range = useRange();
  const newestRange = useRef(range);
  newestRange.current = range;
  useEffect(() => {
    const onKey = shortcuts({ range: () => newestRange.current, showKeys: () => showKeys(true) });
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  useEffect(() => {
    document.title = `${VIEWS.find((one) => one.view === view)?.title ?? 'An event'} · Twinstream`;
    scrollTo(0, 0);
  }, [view]);
  if (reached.kind === 'token') return <Gate refused={reached.refused} />;
  if (now === null) return <Waiting isSilent={reached.kind === 'silent'} />;
  const View = SHOWN[view];
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('#main')?.focus()}>
        Skip to the numbers
      </button>
      <div class="app">
        <Rail onKeys={() => showKeys(true)} />
        <main id="main" tabIndex={-1}>
          <View />
        </main>
      </div>
      {areKeysShown ? <Keys onClose={() => showKeys(false)} /> : null}
      {explained === null ? null : <Explain what={explained} onClose={closeExplained} />}
    </>
  );
};
