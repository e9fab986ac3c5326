import { apiUrl } from '../api/http.ts';
import { openApi } from '../api/open-api.ts';
import { Copy } from '../parts/copy.tsx';
import { Logo } from '../parts/logo.tsx';
import { known } from '../state/session.ts';
import { useStore } from '../state/store.ts';

const quoted = (text: string): string => text.replaceAll("'", "'\\''");
const SAMPLE = 'npm run feed -- sample --rate 2000';

/** Before the first event: what to paste to have one. */
export const Empty = () => {
  const now = useStore(known);
  const document = openApi.use();
  const [event] = document?.events ?? [];
  const post =
    event === undefined
      ? null
      : `curl ${apiUrl(`/events/${event.name}`)} \\\n  -H 'Content-Type: application/json' \\\n  -d '${quoted(JSON.stringify(event.example, null, 1))}'`;
  return (
    <div class="page empty">
      <Logo state="wait" size={72} />
      <h1>No events yet.</h1>
      <p class="lead">Paste this into a terminal. It shows here within a second or two.</p>
      {post === null ? null : (
        <div class="paste">
          <pre class="code">{post}</pre>
          <Copy text={post} />
        </div>
      )}
      <p class="or">or, with the pipeline that comes with it, bring the sample: a day of Wikipedia</p>
      <div class="paste">
        <pre class="code">{SAMPLE}</pre>
        <Copy text={SAMPLE} />
      </div>
      <p class="waiting" role="status">
        <i class="pulse on" />
        <span>Waiting for the first {event === undefined ? 'event' : <code>{event.name}</code>} …</span>
      </p>
      <p class="quiet">
        This page is made from your <code>pipeline.ts</code>: {now?.metrics.map(({ name }) => name).join(', ')}. Nothing is to be configured.
      </p>
    </div>
  );
};
