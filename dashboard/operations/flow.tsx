import { known, serverNow, timeOf } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useZone } from '../state/use-range.ts';
import { number } from '../words/numbers.ts';
import { about, clock } from '../words/times.ts';

const LIVE = 'M232 118C300 118 300 54 372 54H640C712 54 712 118 780 118';
const BATCH = 'M232 118C300 118 300 182 372 182H640C712 182 712 118 780 118';
const NODES: readonly {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly tone: string;
  readonly nameY: number;
  readonly saysY: number;
}[] = [
  { x: 88, y: 118, name: 'ingest', tone: '', nameY: 92, saysY: 146 },
  { x: 232, y: 118, name: 'log', tone: '', nameY: 92, saysY: 146 },
  { x: 440, y: 54, name: 'cells', tone: 'l', nameY: 30, saysY: 80 },
  { x: 440, y: 182, name: 'lake', tone: 'b', nameY: 214, saysY: 168 },
  { x: 590, y: 182, name: 'batch views', tone: 'b', nameY: 214, saysY: 168 },
  { x: 780, y: 118, name: 'query', tone: '', nameY: 92, saysY: 146 },
  { x: 912, y: 118, name: 'answers', tone: '', nameY: 92, saysY: 146 },
];

/** The system as it is: one log, two ways, one answer. */
export const Flow = () => {
  const status = useStore(known)?.status;
  const zone = useZone();
  if (status === undefined) return null;
  const { events, lag, batch } = status;
  const [reach, horizon] = [timeOf(batch.next), timeOf(batch.horizon)];
  const says: Readonly<Record<string, string>> = {
    ingest: `${number(Math.round(events.perSecond))} a second`,
    log: `${number(lag.shards.length)} ${lag.shards.length === 1 ? 'shard' : 'shards'}`,
    cells: lag.ms === null ? 'not begun' : `${about(Math.max(1_000, lag.ms))} behind`,
    lake: reach === null ? 'not begun' : `${about(serverNow() - reach)} behind`,
    'batch views': horizon === null ? 'none yet' : `to ${clock(horizon, zone)}`,
    query: 'batch + live',
    answers: number(events.total),
  };
  const label = `Events go to the log; the live way is ${says.cells}; the batch way reaches ${says['batch views']}; both meet in the answers.`;
  return (
    <div class="flow-wrap">
      <svg class="flow" viewBox="0 0 1000 236" role="img" aria-label={label}>
        <path class="f-in" d="M88 118H232" />
        <path class="f-l" d={LIVE} />
        <path class="f-b" d={BATCH} />
        <path class="f-out" d="M780 118H912" />
        {events.perSecond > 0 ? <path class="f-dash" d={LIVE} /> : null}
        {NODES.map(({ x, y, name, tone, nameY, saysY }) => (
          <g key={name}>
            <circle class={`f-n ${tone}`} cx={x} cy={y} r="6" />
            <text x={x} y={nameY} text-anchor="middle" class="f-t">
              {name}
            </text>
            <text x={x} y={saysY} text-anchor="middle" class="f-v">
              {says[name]}
            </text>
          </g>
        ))}
        <text x="530" y="30" class="f-k l">
          live
        </text>
        <text x="690" y="214" class="f-k b">
          batch
        </text>
      </svg>
      <ol class="flow-list">
        {NODES.map(({ name, tone }) => (
          <li class={tone} key={name}>
            <b>{name}</b> <span>{says[name]}</span>
          </li>
        ))}
      </ol>
    </div>
  );
};
