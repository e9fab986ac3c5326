import { useState } from 'preact/hooks';
import { call, messageOf } from '../api/http.ts';
import { Copy } from '../parts/copy.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { serverNow } from '../state/session.ts';
import { useCall } from '../state/use-call.ts';
import { useZone } from '../state/use-range.ts';
import { number, plural } from '../words/numbers.ts';
import { about, moment } from '../words/times.ts';
import { type Entry, fieldOf, type Group as OneGroup, selecting } from './groups.ts';
import { Json } from './json.tsx';
import { shownBody } from './json-text.ts';

/** Of one reason, to look at. */
const LISTED = 200;

interface Result {
  readonly isGood: boolean;
  readonly head: string;
  readonly text: string;
}
interface Replayed {
  readonly accepted: number;
  readonly replayed: number;
  readonly remaining: number;
  readonly more: boolean;
}
const failed = (error: unknown): Result => ({ isGood: false, head: 'That did not work.', text: messageOf(error) });

/** Entries of one reason: one of them whole, what to do, and the two things that can be done. */
export const Group = ({ group, onChanged }: { readonly group: OneGroup; readonly onChanged: () => void }) => {
  const zone = useZone();
  const [at, setAt] = useState(0);
  const [result, setResult] = useState<Result | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isAsking, ask] = useState(false);
  const { path, message, reason, hint, code, count } = group;
  const { value: listed, again } = useCall<{ readonly events?: readonly Entry[] }>(`/quarantine?${selecting(group)}&limit=${LISTED}`);
  const entries = listed?.events ?? [];
  const entry = entries[Math.min(at, entries.length - 1)];
  if (entry === undefined) return <section class="panel q-main" aria-label="Preview" />;
  const nowMs = serverNow();
  const body = entry.encoding === 'utf8' ? entry.body : `${entry.body.slice(0, 4_000)} (base64)`;

  const change = async (work: () => Promise<Result>) => {
    setBusy(true);
    setResult(await work().catch(failed));
    setBusy(false);
    again();
    onChanged();
  };
  const replay = () =>
    change(async () => {
      const { accepted, replayed, remaining, more } = await call<Replayed>('/quarantine/replay', { method: 'POST', body: { reason, path, code } });
      const isGood = remaining === 0 && !more;
      const text = more
        ? 'There was no time for all of them: send the rest again.'
        : isGood
          ? 'They are counted, and left the quarantine.'
          : 'The schema still says the same, so the others stay with their reason.';
      return {
        isGood,
        head: `${plural(replayed + remaining, 'entry', 'entries')} sent again: ${plural(accepted, 'event')} accepted, ${number(replayed)} gone from here.`,
        text,
      };
    });
  const remove = () =>
    change(async () => {
      ask(false);
      const { removed, more } = await call<{ readonly removed: number; readonly more: boolean }>(`/quarantine?${selecting(group)}`, { method: 'DELETE' });
      return {
        isGood: !more,
        head: `${plural(removed, 'entry', 'entries')} removed.`,
        text: more ? 'There was no time for all of them: remove the rest again.' : '',
      };
    });
  return (
    <section class="panel q-main" aria-label="Preview">
      <div class="q-head">
        <div>
          <h2>
            {path === '' ? null : <code>{path}: </code>}
            {message}
          </h2>
          <p class="quiet">
            {reason}
            {entry.type === null ? '' : ` · type ${entry.type}`} · received {moment(Date.parse(entry.receivedAt), zone, nowMs)},{' '}
            {about(nowMs - Date.parse(entry.receivedAt))} ago
            {entry.times > 1 ? ` · ${number(entry.times)} times` : ''}
          </p>
        </div>
        <div class="q-nav">
          <button type="button" class="btn icon" aria-label="The one before" disabled={at === 0} onClick={() => setAt(at - 1)}>
            <Icon name="left" />
          </button>
          <span>
            {number(Math.min(at, entries.length - 1) + 1)} of {number(entries.length)}
          </span>
          <button type="button" class="btn icon" aria-label="The next one" disabled={at >= entries.length - 1} onClick={() => setAt(at + 1)}>
            <Icon name="right" />
          </button>
        </div>
      </div>
      <Json text={shownBody(body)} wrong={fieldOf(path)} />
      <p class="advice">
        <b>What to do.</b> {hint}
      </p>
      {result === null ? null : (
        <p class={`result ${result.isGood ? '' : 'warn'}`} role="status">
          <Icon name={result.isGood ? 'done' : 'warn'} />
          <span>
            <b>{result.head}</b> {result.text}
          </span>
        </p>
      )}
      <div class="q-acts">
        <button type="button" class="btn primary" disabled={isBusy || entry.truncated} onClick={replay}>
          <Icon name="again" />
          {isBusy ? 'Sending…' : count === 1 ? 'Send it again' : `Send these ${number(count)} again`}
        </button>
        <button type="button" class="btn" disabled={isBusy} onClick={() => ask(true)}>
          <Icon name="remove" />
          Remove
        </button>
        <Copy text={entry.body} label="Copy the event" isSmall={false} />
      </div>
      {isAsking ? (
        <Confirm
          title={`Remove ${plural(count, 'entry', 'entries')}?`}
          text="They are deleted from quarantine and will never be counted. This cannot be undone."
          action="Remove"
          onConfirm={remove}
          onClose={() => ask(false)}
        />
      ) : null}
    </section>
  );
};
