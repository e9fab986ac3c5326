// npm run cost -- --rate 100 --batch 10 [--region us-east-1] [--json]: see docs/cost.md.
import { parseArgs } from 'node:util';
import pipeline from '#pipeline';
import { IDS, type Ids } from './load.ts';
import { measure } from './measure.ts';
import { textOf } from './report.ts';

const USAGE = `npm run cost -- --rate EVENTS_A_SECOND --batch EVENTS_A_REQUEST [--ids key|ingest|own] [--region us-east-1] [--json]
  [--stage prod] [--param="freshness=60"] [--shards N] [--environments N] [--followers 1] [--seconds 300] [--seed 1] [--no-entities]`;

/** From so many events a second on, a minute fills every batch; a slower load needs the archive's window of five minutes. */
const MANY = 300;

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100' },
    batch: { type: 'string', default: '10' },
    region: { type: 'string', default: 'us-east-1' },
    stage: { type: 'string', default: 'prod' },
    param: { type: 'string', multiple: true, default: [] },
    ids: { type: 'string', default: 'key' },
    shards: { type: 'string' },
    environments: { type: 'string' },
    followers: { type: 'string', default: '1' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'no-entities': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const whole = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name}: Expected a whole number from 1 up, got '${text}'`);
  return value;
};
/** As a deploy takes them. */
const paramsOf = (texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) throw new RangeError(`--param: Expected name=value, got '${text}'`);
      return [name, value];
    }),
  );
const idsOf = (text: string): Ids => {
  const found = IDS.find((one) => one === text);
  if (found === undefined) throw new RangeError(`--ids: Expected ${IDS.join(', ')}, got '${text}'`);
  return found;
};
const optional = (name: string, text: string | undefined): number | null => (text === undefined ? null : whole(name, text));

if (values.help) console.log(USAGE);
else {
  try {
    const report = await measure(process.cwd(), {
      pipeline: values['no-entities'] ? { ...pipeline, entities: {} } : pipeline,
      rate: whole('rate', values.rate),
      batch: whole('batch', values.batch),
      region: values.region,
      stage: values.stage,
      params: paramsOf(values.param),
      ids: idsOf(values.ids),
      shards: optional('shards', values.shards),
      environments: optional('environments', values.environments),
      followers: values.followers === '0' ? 0 : whole('followers', values.followers),
      seconds: optional('seconds', values.seconds) ?? (Number(values.rate) > MANY ? 60 : 300),
      seed: whole('seed', values.seed),
    });
    console.log(values.json ? JSON.stringify(report, null, 2) : textOf(report));
    process.exitCode = report.breaches.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 1;
  }
}
