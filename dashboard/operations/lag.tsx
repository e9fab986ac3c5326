import { known } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { oneDecimal } from '../words/numbers.ts';
import { about } from '../words/times.ts';

const SHOWN = 12;
/** Of a long id, the number at its end. */
const shardName = (shard: string): string => `shard ${/0*(\d+)$/.exec(shard)?.[1] ?? shard}`;
/** Where the limit's mark is, in the bar. */
const LIMIT_AT = 0.833;

/** How far each shard is behind, against what is too much. */
export const Lag = () => {
  const lag = useStore(known)?.status.lag;
  if (lag === undefined) return null;
  const slowest = [...lag.shards].sort((a, b) => (b.lagMs ?? Number.POSITIVE_INFINITY) - (a.lagMs ?? Number.POSITIVE_INFINITY)).slice(0, SHOWN);
  return (
    <section class="panel" aria-label="Lag by shard">
      <div class="ph">
        <h2>Lag by shard</h2>
        <span class="ph-k">{lag.shards.length > SHOWN ? `the slowest ${SHOWN} of ${lag.shards.length}` : 'live way'}</span>
      </div>
      <ul class="bars">
        {slowest.map(({ shard, lagMs }) => (
          <li key={shard}>
            <span title={shard}>{shardName(shard)}</span>
            <i>
              <u
                class={lagMs !== null && lagMs > lag.limitMs ? 'bad' : ''}
                style={{ width: `${Math.min(100, ((lagMs ?? 0) / lag.limitMs) * LIMIT_AT * 100)}%` }}
              />
            </i>
            <b>{lagMs === null ? '–' : `${oneDecimal(lagMs / 1_000)} s`}</b>
          </li>
        ))}
      </ul>
      <p class="note">
        The mark is at {about(lag.limitMs)}: above it answers say how far they reach, and this page says so at its top. An idle shard lags by the time since its
        last heartbeat.
      </p>
    </section>
  );
};
