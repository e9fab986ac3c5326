/** A data point of a metric, as CloudWatch keeps it. */
export interface Datum {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly atMs: number;
}
/** The properties of an AWS::CloudWatch::Alarm, its references resolved. */
export interface Alarm {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic: 'Sum' | 'Maximum';
  readonly Threshold: number;
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly ComparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold';
  readonly TreatMissingData: 'notBreaching' | 'breaching';
}

/**
 * Whether an alarm is on, by the periods that end at `nowMs`: all of them must breach. A datum belongs to an alarm only if its
 * dimensions are exactly the alarm's. docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export const isOn = (alarm: Alarm, data: readonly Datum[], nowMs: number): boolean => {
  const wanted = JSON.stringify(alarm.Dimensions.map(({ Name, Value }) => [Name, Value]).sort());
  const own = data.filter(
    ({ namespace, metric, dimensions }) =>
      namespace === alarm.Namespace && metric === alarm.MetricName && JSON.stringify(Object.entries(dimensions).sort()) === wanted,
  );
  return Array.from({ length: alarm.EvaluationPeriods }, (_, i) => {
    const toMs = nowMs - i * alarm.Period * 1_000;
    const values = own.filter(({ atMs }) => atMs >= toMs - alarm.Period * 1_000 && atMs < toMs).map(({ value }) => value);
    if (values.length === 0) return alarm.TreatMissingData === 'breaching';
    const value = alarm.Statistic === 'Sum' ? values.reduce((sum, one) => sum + one, 0) : Math.max(...values);
    return alarm.ComparisonOperator === 'GreaterThanThreshold' ? value > alarm.Threshold : value < alarm.Threshold;
  }).every((isBreaching) => isBreaching);
};

interface EmbeddedMetrics {
  readonly _aws: { readonly CloudWatchMetrics: readonly { Namespace: string; Dimensions: readonly string[][]; Metrics: readonly { Name: string }[] }[] };
  readonly [name: string]: unknown;
}
/** What CloudWatch makes of a log line in the embedded metric format; of any other line, nothing. */
export const readEmbedded = (line: string, atMs: number): Datum[] => {
  if (!line.includes('"_aws"')) return [];
  const parsed = JSON.parse(line) as EmbeddedMetrics;
  return parsed._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name }) =>
        [parsed[Name]].flat().map((value) => ({
          namespace: Namespace,
          metric: Name,
          dimensions: Object.fromEntries(names.map((name) => [name, String(parsed[name])])),
          value: Number(value),
          atMs,
        })),
      ),
    ),
  );
};

/** Runs work, and answers the lines that it printed meanwhile. */
export const printedBy = async <T>(work: () => Promise<T>): Promise<{ result: T | null; error: unknown; lines: string[] }> => {
  let text = '';
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  for (const { stream } of streams)
    stream.write = (chunk: string | Uint8Array) => {
      text += chunk.toString();
      return true;
    };
  try {
    return { result: await work(), error: null, lines: text.split('\n') };
  } catch (error) {
    return { result: null, error, lines: text.split('\n') };
  } finally {
    for (const { stream, write } of streams) stream.write = write;
  }
};
