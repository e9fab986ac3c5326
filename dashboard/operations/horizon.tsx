import { known, serverNow, timeOf } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useZone } from '../state/use-range.ts';
import { about, duration, moment } from '../words/times.ts';

/** How much longer than the live part the ruler is. */
const RULER = 6;
const LEAST_MS = 600_000;

/** Where batch ends and live begins, on a ruler that ends now. */
export const Horizon = () => {
  const batch = useStore(known)?.status.batch;
  const zone = useZone();
  if (batch === undefined) return null;
  const nowMs = serverNow();
  const horizon = timeOf(batch.horizon);
  const lengthMs = Math.max(LEAST_MS, (nowMs - (horizon ?? nowMs)) * RULER);
  const place = horizon === null ? 0 : Math.max(0, 1 - (nowMs - horizon) / lengthMs);
  const next = timeOf(batch.nextRun);
  const facts: readonly (readonly [string, string])[] = [
    ['Batch reaches', horizon === null ? 'nothing yet' : `${moment(horizon, zone, nowMs)}, ${duration(Math.round((nowMs - horizon) / 1_000) * 1_000)} ago`],
    ['Next run', next === null ? 'once there are new events' : next <= nowMs ? 'now' : `in ${about(next - nowMs)}`],
    ['Held back by', batch.heldBackBy ?? 'nothing'],
    ...(batch.lastFailure === null ? [] : [['Last failure', batch.lastFailure.error] as const]),
  ];
  return (
    <section class="panel" aria-label="Horizon">
      <div class="ph">
        <h2>Horizon</h2>
        <span class="ph-k">steps of {duration(batch.stepMs)}</span>
      </div>
      <div class="ruler">
        <div class="ruler-b">
          <i class="rb" style={{ width: `${place * 100}%` }} />
          <i class="rl" style={{ left: `${place * 100}%`, width: `${(1 - place) * 100}%` }} />
        </div>
        <div class="ruler-t">
          {place > 0.85 ? null : <span class="now">now</span>}
          {horizon === null ? null : (
            <span class="hz" style={{ left: `${place * 100}%` }}>
              horizon
            </span>
          )}
        </div>
      </div>
      <dl class="kv">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
};
