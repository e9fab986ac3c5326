import { useState } from 'preact/hooks';
import { call } from '../api/http.ts';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { serverNow } from '../state/session.ts';
import { useCall } from '../state/use-call.ts';
import { useZone } from '../state/use-range.ts';
import { useWork } from '../state/use-work.ts';
import { plural } from '../words/numbers.ts';
import { spanText } from '../words/times.ts';
import { LeaveOut } from './leave-out.tsx';

interface Exclusion {
  readonly id: string;
  readonly state: 'pending' | 'partial' | 'applied' | 'undoing' | 'undone';
  readonly source: string;
  readonly type: string | null;
  readonly ids: readonly string[] | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly note: string | null;
}
const STATES: Readonly<Record<Exclusion['state'], string>> = {
  pending: 'with the next batch',
  partial: 'left out of new answers, the rest with the next batch',
  applied: 'left out',
  undoing: 'comes back with the next batch',
  undone: 'counted again',
};

/** Events that were posted by mistake: what is left out of answers, more of it, and the way back. */
export const Exclusions = () => {
  const zone = useZone();
  const { value, error, again } = useCall<{ readonly exclusions: readonly Exclusion[] }>('/exclusions?limit=50');
  const [isOpen, open] = useState(false);
  const [undone, undo] = useState<Exclusion | null>(null);
  const { said, work } = useWork(again);
  if (error !== null && value === null)
    return (
      <section class="panel">
        <Problem error={error} name="what is left out" onAgain={again} />
      </section>
    );
  const exclusions = value?.exclusions ?? [];
  const events = ({ ids, from, to }: Exclusion) =>
    ids !== null ? plural(ids.length, 'id') : from === null || to === null ? '' : spanText(Date.parse(from), Date.parse(to), zone, serverNow());
  return (
    <section class="panel flush" aria-label="Left out">
      <div class="ph pad">
        <h2>Left out</h2>
        <span class="ph-k">events posted by mistake; can be undone</span>
        <button type="button" class="btn small right" onClick={() => open(true)}>
          <Icon name="plus" />
          Leave out events
        </button>
      </div>
      <p class="said" role="status">
        {said}
      </p>
      {exclusions.length === 0 ? (
        <p class="none pad">Nothing is left out: every event counts.</p>
      ) : (
        <Scroll label="Table of what is left out">
          <table class="grid">
            <thead>
              <tr>
                <th scope="col">why</th>
                <th scope="col">source</th>
                <th scope="col">events</th>
                <th scope="col">state</th>
                <th scope="col">
                  <span class="vh">Action</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {exclusions.map((exclusion) => (
                <tr key={exclusion.id}>
                  <th scope="row">{exclusion.note ?? exclusion.id}</th>
                  <td>
                    <code>{exclusion.source}</code>
                    {exclusion.type === null ? '' : ` ${exclusion.type}`}
                  </td>
                  <td>{events(exclusion)}</td>
                  <td>{STATES[exclusion.state]}</td>
                  <td class="n">
                    {exclusion.state === 'undone' || exclusion.state === 'undoing' ? null : (
                      <button type="button" class="btn small" onClick={() => undo(exclusion)}>
                        Undo
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {isOpen ? (
        <LeaveOut
          onClose={() => open(false)}
          onSubmit={(body) => {
            open(false);
            void work(() => call('/exclusions', { method: 'POST', body }), 'They are left out with the next batch.');
          }}
        />
      ) : null}
      {undone === null ? null : (
        <Confirm
          title="Count these events again?"
          text={`“${undone.note ?? undone.id}” is withdrawn: its events count again with the next batch.`}
          action="Count them again"
          onConfirm={() => {
            undo(null);
            void work(() => call(`/exclusions/${undone.id}`, { method: 'DELETE' }), 'They count again with the next batch.');
          }}
          onClose={() => undo(null)}
        />
      )}
    </section>
  );
};
