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
import { number } from '../words/numbers.ts';
import { moment } from '../words/times.ts';
import { Timeline } from './timeline.tsx';

export interface Generation {
  readonly id: string;
  readonly state: 'requested' | 'running' | 'published' | 'failed' | 'retired';
  readonly active: boolean;
  readonly horizon: string | null;
  readonly publishedAt?: string | null;
  readonly counts?: { readonly lines?: number } | null;
  readonly drift: number | null;
  readonly metrics?: Readonly<Record<string, { readonly excluded: number }>> | null;
  readonly waitsFor?: string | null;
  readonly error?: string | null;
}
const SHOWN = 24;

/** Batch's whole answers: how far each reaches, whether live agreed, and the way back to an earlier one. */
export const Generations = () => {
  const zone = useZone();
  const nowMs = serverNow();
  const { value, error, again } = useCall<{ readonly active: string | null; readonly generations: readonly Generation[] }>(`/generations?limit=${SHOWN}`);
  const [wanted, want] = useState<Generation | null>(null);
  const { said, work } = useWork(again);
  const time = (text: string | null | undefined) => (text === null || text === undefined ? '–' : moment(Date.parse(text), zone, nowMs));
  if (error !== null && value === null)
    return (
      <section class="panel">
        <Problem error={error} name="generations" onAgain={again} />
      </section>
    );
  const shown = (value?.generations ?? []).filter(({ state }) => state !== 'retired');
  const excluded = ({ metrics }: Generation) => Math.max(0, ...Object.values(metrics ?? {}).map((one) => one.excluded));
  return (
    <section class="panel flush" aria-label="Generations">
      <div class="ph pad">
        <h2>Generations</h2>
        <span class="ph-k">each is batch’s whole answer; one is active</span>
      </div>
      <p class="said" role="status">
        {said}
      </p>
      {shown.length === 0 ? (
        <p class="none pad">Batch has not run yet: it begins once the first step of the horizon is over.</p>
      ) : (
        <>
          <Timeline generations={shown} zone={zone} nowMs={nowMs} />
          <Scroll label="Table of generations">
            <table class="grid">
              <thead>
                <tr>
                  <th scope="col">generation</th>
                  <th scope="col">reaches</th>
                  <th scope="col">published</th>
                  <th scope="col" class="n">
                    new events
                  </th>
                  <th scope="col" class="n">
                    left out
                  </th>
                  <th scope="col" class="n">
                    drift
                  </th>
                  <th scope="col">
                    <span class="vh">Action</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map((generation) => (
                  <tr class={generation.active ? 'on' : ''} key={generation.id}>
                    <th scope="row">
                      {generation.id}
                      {generation.active ? (
                        <span class="tag">active</span>
                      ) : generation.state === 'published' ? null : (
                        <span class="tag quiet">{generation.state}</span>
                      )}
                    </th>
                    <td>{time(generation.horizon)}</td>
                    <td>{generation.error ?? generation.waitsFor ?? time(generation.publishedAt)}</td>
                    <td class="n">{number(generation.counts?.lines)}</td>
                    <td class="n">{number(excluded(generation))}</td>
                    <td class="n">{generation.drift === 0 ? <span class="zero">0</span> : <b class="badt">{number(generation.drift)}</b>}</td>
                    <td class="n">
                      {generation.state !== 'published' || generation.active ? null : (
                        <button type="button" class="btn small" onClick={() => want(generation)}>
                          <Icon name="again" />
                          Go back to it
                        </button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
      {wanted === null ? null : (
        <Confirm
          title={`Go back to ${wanted.id}?`}
          text={`Answers will be ${wanted.id} up to ${time(wanted.horizon)}, plus the live part since. Nothing is deleted; you can come back to ${value?.active} at once.`}
          action={`Go back to ${wanted.id}`}
          onConfirm={() => {
            want(null);
            void work(() => call(`/generations/${wanted.id}/activate`, { method: 'POST' }), `Answers come from ${wanted.id} now.`);
          }}
          onClose={() => want(null)}
        />
      )}
    </section>
  );
};
