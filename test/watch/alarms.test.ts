import { COUNTERS } from '../../shared/ports/figures.ts';
import { type Packaged, PROD, templateOf } from '../support/sls.ts';
import { CAUSES, goesWell } from './causes.ts';
import { type Alarm, type Datum, isOn } from './cloudwatch.ts';
import { type Stage, stage } from './stage.ts';
import { type Template, template } from './template.ts';

// Every alarm of the compiled template is made to go off. What the code itself measures comes from the lines that the real
// handlers printed; what AWS measures of them (calls, errors, ages) is noted here under AWS' own names, as their pages have
// them, from what really happened. Throttles and Firehose's freshness happen within AWS alone, and are only noted.

let packaged: Packaged;
let compiled: Template;
beforeAll(async () => {
  packaged = await templateOf('prod', PROD);
  compiled = template(packaged);
});

test('given every alarm in the template, then there is a cause that makes it go off', () => {
  expect(
    packaged
      .ofType('AWS::CloudWatch::Alarm')
      .map(([id]) => id)
      .sort(),
  ).toEqual(Object.keys(CAUSES).sort());
});

test('given an alarm, then it says in words what to do, in each mode of the log', () => {
  for (const [id, { Properties }] of packaged.ofType('AWS::CloudWatch::Alarm')) {
    const description = Properties.AlarmDescription as string | { readonly 'Fn::If': readonly [condition: string, ...texts: string[]] };
    const texts = typeof description === 'string' ? [description] : description['Fn::If'].slice(1);
    for (const text of texts) expect([id, typeof text === 'string' && text.length > 20 && text.length <= 1_024]).toEqual([id, true]);
  }
  // On demand there are no shards to raise.
  expect(packaged.resources.LogThrottlesAlarm?.Properties.AlarmDescription).toEqual({
    'Fn::If': ['IsLogOnDemand', expect.not.stringMatching(/twice as many/), expect.stringContaining('Deploy with twice as many `shards`')],
  });
});

test('given every function, then its figures stand in the dimension that the alarms look at', () => {
  const services = packaged.ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties.Environment.Variables.SERVICE);
  expect([...new Set(services)]).toEqual(['twinstream-prod']);
});

/** Once in each period that the alarm looks at. */
const during = async (stage: Stage, { Period, EvaluationPeriods }: Alarm, happens: (stage: Stage) => Promise<void>): Promise<number> => {
  const { world, data } = stage;
  const startMs = world.clock();
  for (let period = 0; period < EvaluationPeriods; period++) {
    const from = data.length;
    stage.deploy({});
    await happens(stage);
    // However long it took, it happened in this period.
    for (let i = from; i < data.length; i++) data[i] = { ...(data[i] as Datum), atMs: startMs + period * Period * 1_000 };
  }
  return startMs + EvaluationPeriods * Period * 1_000;
};

test('given minutes in which all goes well, then no alarm goes off', async () => {
  const well = await stage(compiled);
  await well.heartbeat();
  for (let minute = 0; minute < 6; minute++) await goesWell(well);
  const nowMs = well.world.clock() + 1;
  await well.world.close();
  expect(Object.keys(CAUSES).filter((id) => isOn(compiled.alarmOf(id), well.data, nowMs))).toEqual([]);
  // What was looked at is there, but for counts of 0, which are not written.
  for (const { Namespace, MetricName } of Object.keys(CAUSES)
    .map(compiled.alarmOf)
    .filter((alarm) => alarm.Namespace === 'Twinstream'))
    if (!Object.hasOwn(COUNTERS, MetricName))
      expect([Namespace, MetricName, well.data.some(({ metric }) => metric === MetricName)]).toEqual([Namespace, MetricName, true]);
});

test.each(Object.keys(CAUSES))('%s goes off when it should', async (id) => {
  const staged = await stage(compiled);
  try {
    const nowMs = await during(staged, compiled.alarmOf(id), CAUSES[id] as (of: Stage) => Promise<void>);
    expect([id, isOn(compiled.alarmOf(id), staged.data, nowMs)]).toEqual([id, true]);
    // Nor does it stay on.
    expect(compiled.alarmOf(id).TreatMissingData === 'breaching' || !isOn(compiled.alarmOf(id), staged.data, nowMs + 86_400_000)).toBe(true);
  } finally {
    await staged.world.close();
  }
});
