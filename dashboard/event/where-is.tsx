import { useEffect } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { usePlace } from '../state/place.ts';
import { useCall } from '../state/use-call.ts';
import { RETRY_MS } from '../state/use-pages.ts';
import { Copies } from './copies.tsx';
import type { Found } from './found.ts';

/** Where one event is: what became of each copy of it, and which numbers it is in. */
export const WhereIs = () => {
  const { id: path, search } = usePlace();
  const at = path.indexOf('/');
  const [type, id] = at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)];
  return type === '' || id === '' ? <Incomplete /> : <Whereabouts type={type} id={id} source={search} />;
};

const TITLE = 'Where is this event?';

const Incomplete = () => (
  <Page title={TITLE}>
    <div class="problem">
      <h2>The link is incomplete</h2>
      <p>
        Expected the type and the id of an event, as in <code>#/event/TYPE/ID</code>. Open an event from the list of a number.
      </p>
    </div>
  </Page>
);

const Whereabouts = ({ type, id, source }: { readonly type: string; readonly id: string; readonly source: string }) => {
  const of = source === '' ? '' : `?source=${encodeURIComponent(source)}`;
  const { value, error, again } = useCall<{ readonly found?: readonly Found[]; readonly running?: true }>(
    `/events/${encodeURIComponent(type)}/${encodeURIComponent(id)}${of}`,
  );
  // On AWS the lake may take longer than a call: the same is asked again until it is there.
  useEffect(() => {
    if (value?.running !== true) return;
    const timer = setTimeout(again, RETRY_MS);
    return () => clearTimeout(timer);
  }, [value, again]);
  return (
    <Page
      title={TITLE}
      about={
        <>
          {type} <code>{id}</code>
          {source === '' ? null : (
            <>
              {' '}
              from <code>{source}</code>
            </>
          )}
        </>
      }
    >
      <p>
        <button type="button" class="backl" onClick={() => history.back()}>
          <Icon name="back" />
          Back
        </button>
      </p>
      {error !== null && value === null ? (
        error.status === 404 ? (
          <div class="problem">
            <h2>There is no such event</h2>
            <p>Nothing with this id is in the log, in the lake, or in quarantine.</p>
          </div>
        ) : (
          <Problem error={error} name="this event" onAgain={again} />
        )
      ) : value?.found === undefined ? (
        <div class="ghost-chart" />
      ) : (
        <Copies type={type} found={value.found} />
      )}
    </Page>
  );
};
