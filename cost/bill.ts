import type { Statement } from './batch-engine.ts';
import type { Line, Unit } from './ledger.ts';
import { MONTH_S, type Played } from './play.ts';
import { GB } from './services/kinesis.ts';
import type { Stage } from './stage.ts';

const TB = 1_099_511_627_776;
/** docs.aws.amazon.com/athena: bytes are rounded up to a MB, and a query is at least 10. */
const MIN_SCAN_BYTES = 10 * 1_048_576;
/** Of a part's bytes, those of ids and log positions. */
const IDS_SHARE = 0.25;
const HOURS_A_MONTH = 730;
const SEEN_DAYS = 8;
/** What the archive of logs keeps of a byte, compressed. */
const LOGS_KEPT = 0.15;
/** DynamoDB deletes an item within a few days of its expiry (docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html). */
const DELETED_AFTER_MS = 2 * 86_400_000;
const READ_UNIT_BYTES = 4_096;

export interface Bill {
  readonly eventsAMonth: number;
  readonly lines: readonly Line[];
}

/** A month of the load: what was counted, and what a month adds whatever is called: storage, the stream, alarms. */
export const billOf = (
  { ledger, statements, statementEvents, statementSeconds, metrics, left }: Played,
  stage: Stage,
  load: { rate: number; seconds: number; shards: number; followers: number },
): Bill => {
  const eventsAMonth = load.rate * MONTH_S;
  const lines = new Map(ledger.lines().map((line) => [`${line.item}|${line.unit}`, { ...line }]));
  const add = (item: string, unit: Unit, amount: number): void => {
    const key = `${item}|${unit}`;
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { item, unit, amount });
    else line.amount += amount;
  };
  const amountOf = (item: string, unit: Unit): number => lines.get(`${item}|${unit}`)?.amount ?? 0;

  // The log.
  const extraDays = stage.logKeptHours / 24 - 1;
  if (stage.logMode === 'ON_DEMAND') {
    add('log', 'kinesis.streamHours', HOURS_A_MONTH);
    add('log', 'kinesis.gbMonthsPastADay', (amountOf('log', 'kinesis.gbIn') / (HOURS_A_MONTH / 24)) * extraDays);
  } else {
    add('log', 'kinesis.shardHours', HOURS_A_MONTH * load.shards);
    if (extraDays > 0) add('log', 'kinesis.shardHoursPastADay', HOURS_A_MONTH * load.shards);
    if (stage.fanOut)
      for (const item of left.entities.size === 0 ? ['log'] : ['log', 'entities: log']) add(item, 'kinesis.fanOutShardHours', HOURS_A_MONTH * load.shards);
  }

  const bytesOf = (some: readonly Statement[], prefix: string): number =>
    some.flatMap(({ written }) => written).reduce((sum, { key, bytes }) => sum + (key.startsWith(prefix) ? bytes : 0), 0);

  // The batch layer: an epoch's raw lines, its events twice, since a day's parts are put together when it is over, and the ids of half a day on average.
  const epochs = (MONTH_S * 1_000) / stage.epochMs;
  const rawTimes = (load.rate * stage.epochMs) / 1_000 / statementEvents;
  const eventTimes = 2 * rawTimes;
  const partBytes = bytesOf(statements, 'events/');
  const idBytes = (partBytes * IDS_SHARE * load.rate * 43_200) / statementEvents;
  add('batch layer', 'athena.tb', (Math.max(MIN_SCAN_BYTES, idBytes) / TB) * epochs);
  for (const { rawBytes, eventBytes, files, written } of statements) {
    const bytes = Math.max(MIN_SCAN_BYTES, rawBytes * rawTimes + eventBytes * eventTimes);
    add('batch layer', 'athena.tb', (bytes / TB) * epochs);
    add('batch layer', 's3.gets', files * (rawBytes > 0 ? rawTimes : 1) * epochs);
    add('batch layer', 's3.puts', written.length * epochs);
  }

  // Storage: the lake of a month, and what each generation replaces: kept with it, and then as an old version.
  const rawBytes = Math.max(...statements.map((one) => one.rawBytes), 0);
  add('lake', 's3.gbMonths', ((rawBytes / statementEvents) * eventsAMonth + (bytesOf(statements, 'events/') / statementEvents) * eventsAMonth) / GB);
  const viewBytes = (bytesOf(statements, 'views/') / (statementSeconds / 60)) * 720;
  add('lake', 's3.gbMonths', (viewBytes * (stage.keepGenerations + (stage.oldViewDays * 86_400_000) / stage.epochMs)) / GB);
  const seen = (bytes: number) => ((bytes / load.seconds) * SEEN_DAYS * 86_400) / GB;
  const table = (item: string, gb: number): void => {
    add(item, 'dynamodb.gbMonths', gb);
    add(item, 'dynamodb.backupGbMonths', gb);
  };
  table('duplicates', seen(left.seen));
  table('entities: duplicates', seen(left.seenByMaterialize));
  table('cells', ((left.cells / load.seconds) * (stage.cellsKeptMs + DELETED_AFTER_MS)) / 1_000 / GB);
  // Each generation looks which slices have cells that do not expire by themselves.
  add('cells', 'dynamodb.readUnits', ((left.slicesOfEpoch * (stage.cellsKeptMs / stage.epochMs)) / READ_UNIT_BYTES) * epochs);
  for (const [name, bytes] of left.entities) table(`entities: ${name}`, bytes / GB);

  if (stage.live) add('live', 'websocket.connectionMinutes', load.followers * HOURS_A_MONTH * 60);

  // Watching.
  for (const item of ['logs', 'entities: logs']) add(item, 'logs.gbMonths', (amountOf(item, 'logs.gb') * LOGS_KEPT * stage.logDays) / 30);
  add('monitoring', 'cloudwatch.metrics', metrics);
  add('monitoring', 'cloudwatch.alarms', stage.alarms.metrics);
  if (left.entities.size > 0) add('entities: monitoring', 'cloudwatch.alarms', stage.alarms.entities);
  add('monitoring', 'cloudwatch.dashboards', stage.dashboards);
  return { eventsAMonth, lines: [...lines.values()].filter(({ amount }) => amount > 0) };
};
