import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANES, type Lanes } from '../shared/log/lane.ts';
import { CELLS_KEPT_MS, OWN_LANES } from '../shared/platforms/aws-settings.ts';

/** What the deploy configures, read from the files of resources/, so that no figure is written down twice. */
export interface Stage {
  readonly epochMs: number;
  readonly duplicateWindowMs: number;
  readonly lanes: Lanes;
  readonly keepGenerations: number;
  readonly cellsKeptMs: number;
  readonly logMode: 'ON_DEMAND' | 'PROVISIONED';
  readonly logKeptHours: number;
  readonly shards: number;
  readonly heartbeatMs: number;
  readonly recomputeMs: number;
  readonly logDays: number;
  readonly requestsPerSecond: number;
  /** Of a stage without search; those of materialize, which is there for entities alone, apart. */
  readonly alarms: { readonly metrics: number; readonly entities: number };
  readonly dashboards: number;
  /** How long replaced batch views are kept. */
  readonly oldViewDays: number;
  /** Seconds that the consumers of answers collect events. */
  readonly freshnessS: number;
  /** Whether aggregate and materialize read the log by enhanced fan-out. */
  readonly fanOut: boolean;
  /** Whether events come through a URL of ingest's own instead of the API. */
  readonly ingestUrl: boolean;
  /** Whether live numbers are pushed. */
  readonly live: boolean;
  /** Bytes of Lambda's own lines of a call that goes well. */
  readonly platformLogBytes: number;
  /** Bytes of a line of the API's access log. */
  readonly accessLogBytes: number;
  readonly functions: Readonly<Record<string, LambdaFunction>>;
}
export interface LambdaFunction {
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly batchSize: number;
  readonly batchWindowMs: number;
}

/** An on-demand stream begins with these. */
const SHARDS_ON_DEMAND = 4;
/** Alarms that the plugin leaves out of a stage without search, or of a pipeline without entities. */
const OF_SEARCH = /^(IndexEntities|Reindex)/;
const OF_ENTITIES = /^Materialize/;
/** CloudWatch adds this to each log event. */
export const EVENT_BYTES = 26;
/** platform.start and platform.report as JSON. */
const INFO_LINES_BYTES = 150 + 330 + 2 * EVENT_BYTES;
/** Values of the access log of a call that goes well, by their usual length. */
const ACCESS_BYTES: Readonly<Record<string, number>> = { requestId: 16, sourceIp: 13, routeKey: 19, status: 3, responseLength: 3, responseLatency: 2 };
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, minute: 60_000, minutes: 60_000, hour: 3_600_000, day: 86_400_000 };

/** @param given parameters that are set otherwise than the stage has them, as by `--param` of a deploy. */
export const readStage = (folder: string, stage: string, given: Readonly<Record<string, string>> = {}): Stage => {
  const service = readFileSync(join(folder, 'service.yml'), 'utf8');
  const params = blockOf(service, 'params', 0);
  const settings = { ...pairsOf(blockOf(params, 'default', 2)), ...pairsOf(blockOf(params, stage, 2)) };
  for (const [name, value] of Object.entries(given)) {
    if (settings[name] === undefined) throw new RangeError(`--param: Expected a parameter of resources/service.yml, got '${name}'`);
    settings[name] = value;
  }
  const text = (name: string): string => {
    const value = settings[name];
    if (value === undefined) throw new RangeError(`resources/service.yml: Expected a parameter ${name}, got none`);
    return value;
  };
  const duration = (name: string): number => {
    const [, amount = '', unit = ''] = /^(?:rate\()?(\d+) ?([a-z]+)\)?$/.exec(text(name)) ?? [];
    const factor = UNITS[unit];
    if (factor === undefined) throw new RangeError(`resources/service.yml: Expected ${name} to be a duration, got '${text(name)}'`);
    return Number(amount) * factor;
  };
  const provider = pairsOf(blockOf(service, 'provider', 0));
  const functions = blockOf(service, 'functions', 0);
  const names = [...functions.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name = '']) => name);
  const resources = readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const countOf = (type: string): number => resources.split(`Type: ${type}\n`).length - 1;
  const alarms = [...resources.matchAll(/^ {2}(\w+):\n {4}Type: AWS::CloudWatch::Alarm$/gm)].map(([, name = '']) => name);
  const isOnDemand = text('logMode').startsWith('ON_DEMAND');
  return {
    epochMs: duration('epoch'),
    duplicateWindowMs: duration('duplicateWindow'),
    lanes: { count: Number(text('lanes')), own: Number(text('lanes')) === LANES ? OWN_LANES : null },
    keepGenerations: Number(text('keepGenerations')),
    cellsKeptMs: CELLS_KEPT_MS,
    logMode: isOnDemand ? 'ON_DEMAND' : 'PROVISIONED',
    logKeptHours: Number(text('logKeptHours')),
    shards: isOnDemand ? SHARDS_ON_DEMAND : Number(text('shards')),
    heartbeatMs: duration('heartbeat'),
    recomputeMs: duration('recompute'),
    logDays: Number(text('logDays')),
    requestsPerSecond: Number(text('requestsPerSecond')),
    alarms: {
      metrics: alarms.filter((name) => !OF_SEARCH.test(name) && !OF_ENTITIES.test(name)).length,
      entities: alarms.filter((name) => OF_ENTITIES.test(name)).length,
    },
    dashboards: text('dashboard') === 'true' ? countOf('AWS::CloudWatch::Dashboard') : 0,
    oldViewDays: Number(/Prefix: views\/.*NoncurrentDays: (\d+)/.exec(resources)?.[1] ?? 30),
    freshnessS: Number(text('freshness')),
    fanOut: text('fanOut') === 'true',
    ingestUrl: text('ingestUrl') === 'true',
    live: text('live') === 'true',
    platformLogBytes: text('systemLogLevel') === 'WARN' ? 0 : INFO_LINES_BYTES,
    accessLogBytes:
      EVENT_BYTES +
      (/^ {6}format: '(.*)'$/m.exec(service)?.[1] ?? '').replace(/\$context(?:\.\w+)*\.(\w+)/g, (_, name: string) => 'x'.repeat(ACCESS_BYTES[name] ?? 1))
        .length,
    functions: Object.fromEntries(
      names.map((name) => {
        const own = blockOf(functions, name, 2);
        const number = (key: string, fallback: number): number => {
          const [, value, parameter] = new RegExp(`^ +${key}: (?:(\\d+)|\\$\\{param:(\\w+)\\})`, 'm').exec(own) ?? [];
          return Number(parameter === undefined ? (value ?? fallback) : text(parameter));
        };
        return [
          name,
          {
            memoryMb: number('memorySize', Number(provider.memorySize)),
            timeoutMs: number('timeout', Number(provider.timeout)) * 1_000,
            batchSize: number('batchSize', 100),
            batchWindowMs: number('batchWindow', 0) * 1_000,
          },
        ];
      }),
    ),
  };
};

/** The lines below a key, as far as they are indented more. */
const blockOf = (yaml: string, key: string, indent: number): string => {
  const lines = yaml.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`${' '.repeat(indent)}${key}:`));
  if (from < 0) return '';
  const length = lines.slice(from + 1).findIndex((line) => line.trim() !== '' && line.search(/\S/) <= indent);
  return lines.slice(from + 1, length < 0 ? undefined : from + 1 + length).join('\n');
};
/** `name: value # comment` of one level. */
const pairsOf = (block: string): Readonly<Record<string, string>> => {
  const indent = block.search(/\S/);
  return Object.fromEntries(
    block.split('\n').flatMap((line) => {
      const [, name, value = ''] = /^ *([\w]+): ([^#]+?) *(?:#.*)?$/.exec(line) ?? [];
      return name === undefined || line.search(/\S/) !== indent ? [] : [[name, value.replace(/^'(.*)'$/, '$1')]];
    }),
  );
};
