import { useState } from 'preact/hooks';
import { openApi } from '../api/open-api.ts';
import { CloseButton, Dialog } from '../parts/dialog.tsx';
import { useZone } from '../state/use-range.ts';
import { ofInput } from '../time/zone.ts';

interface LeaveOutProps {
  readonly onSubmit: (body: Readonly<Record<string, unknown>>) => void;
  readonly onClose: () => void;
}

/** Which events to leave out: of a source, by their ids or by a range of their own times. */
export const LeaveOut = ({ onSubmit, onClose }: LeaveOutProps) => {
  const zone = useZone();
  const types = openApi.use()?.events ?? [];
  const [source, setSource] = useState('');
  const [ids, setIds] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [note, setNote] = useState('');
  const list = ids.split(/[\s,]+/).filter((id) => id !== '');
  const time = (text: string) => new Date(ofInput(text, zone)).toISOString();
  const isRange = from !== '' && to !== '' && from < to;
  const wanted = source === '' ? (types[0] === undefined ? '' : `/events/${types[0].name}`) : source;
  const isReady = wanted !== '' && list.length > 0 !== isRange;
  return (
    <Dialog className="modal small" labelledBy="leave-out" onClose={onClose}>
      <form
        class="modal-in"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady)
            onSubmit({ source: wanted, ...(list.length > 0 ? { ids: list } : { from: time(from), to: time(to) }), ...(note === '' ? {} : { note }) });
        }}
      >
        <header>
          <h2 id="leave-out">Leave out events</h2>
          <CloseButton />
        </header>
        <div class="fields">
          <label>
            Source <input value={wanted} list="sources" onInput={(event) => setSource(event.currentTarget.value)} />
            <datalist id="sources">
              {types.map(({ name }) => (
                <option value={`/events/${name}`} key={name} />
              ))}
            </datalist>
          </label>
          <label>
            Their ids <input value={ids} placeholder="e1, e2" onInput={(event) => setIds(event.currentTarget.value)} />
          </label>
          <p class="hint">or all with a time of their own in this range ({zone.replaceAll('_', ' ')}):</p>
          <label>
            From <input type="datetime-local" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
          </label>
          <label>
            To <input type="datetime-local" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
          </label>
          <label>
            Why <input value={note} placeholder="a load test by mistake" onInput={(event) => setNote(event.currentTarget.value)} />
          </label>
        </div>
        <p>Nothing is deleted: this can be undone.</p>
        <div class="q-acts end">
          <button type="button" class="btn" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class="btn primary" disabled={!isReady}>
            Leave them out
          </button>
        </div>
      </form>
    </Dialog>
  );
};
