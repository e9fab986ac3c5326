/** Every unit that AWS bills, by the names of prices.json. */
export type Unit =
  | 'http.requests'
  | 'lambda.requests'
  | 'lambda.gbSeconds'
  | 'kinesis.streamHours'
  | 'kinesis.gbIn'
  | 'kinesis.gbOut'
  | 'kinesis.fanOutGb'
  | 'kinesis.fanOutShardGb'
  | 'kinesis.fanOutShardHours'
  | 'kinesis.gbMonthsPastADay'
  | 'kinesis.shardHours'
  | 'kinesis.putUnits'
  | 'kinesis.shardHoursPastADay'
  | 'dynamodb.writeUnits'
  | 'dynamodb.readUnits'
  | 'dynamodb.gbMonths'
  | 'dynamodb.backupGbMonths'
  | 's3.puts'
  | 's3.gets'
  | 's3.gbMonths'
  | 'athena.tb'
  | 'firehose.gb'
  | 'firehose.partitionedGb'
  | 'firehose.objects'
  | 'logs.gb'
  | 'logs.gbMonths'
  | 'cloudwatch.metrics'
  | 'cloudwatch.alarms'
  | 'cloudwatch.dashboards'
  | 'kms.requests'
  | 'websocket.messages'
  | 'websocket.connectionMinutes'
  | 'transfer.gbOut';

export interface Line {
  /** What the bill is split by; entities' items begin with `entities`. */
  readonly item: string;
  readonly unit: Unit;
  readonly amount: number;
}

/** Adds up what is counted, each amount times how often a month has it. */
export interface Ledger {
  count(item: string, unit: Unit, amount: number): void;
  /** How many times a month has what is counted from here on; 0 for what only prepares. Some items may have another number. */
  scale(timesAMonth: number, others?: Readonly<Record<string, number>>): void;
  lines(): readonly Line[];
}

export const ledger = (): Ledger => {
  const lines = new Map<string, { readonly item: string; readonly unit: Unit; amount: number }>();
  let timesOf = (_item: string): number => 0;
  return {
    count: (item, unit, amount) => {
      const times = timesOf(item);
      if (times === 0 || amount === 0) return;
      const key = `${item}|${unit}`;
      let line = lines.get(key);
      if (line === undefined) lines.set(key, (line = { item, unit, amount: 0 }));
      line.amount += amount * times;
    },
    scale: (timesAMonth, others = {}) => {
      timesOf = (item) => others[item] ?? timesAMonth;
    },
    lines: () => [...lines.values()],
  };
};
