/** One sample line: its name, labels and value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABELS = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$/;
const VALUE = /^([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|NaN|[+-]Inf)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads Prometheus' text format 0.0.4, as strictly as its documentation has it: HELP and TYPE once a family and before its
 * samples, the families apart, each sample once, buckets that only grow. Written from
 * prometheus.io/docs/instrumenting/exposition_formats, without any of the product's code.
 */
export const parseExposition = (text: string): ReadonlyMap<string, Family> => {
  if (!text.endsWith('\n')) throw new Error('Expected the last line to end with a newline');
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let current: { name: string; family: Family } | null = null;
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) {
    const wrong = (what: string) => new Error(`Line ${i + 1}: Expected ${what}, got '${line}'`);
    if (line === '') continue;
    const [hash, kind = '', name = ''] = line.split(' ');
    if (hash === '#' && (kind === 'HELP' || kind === 'TYPE')) {
      const rest = line.slice(`# ${kind} ${name} `.length);
      if (!NAME.test(name)) throw wrong('a metric name');
      if (kind === 'HELP') {
        if (helps.has(name)) throw wrong('one HELP a family');
        helps.set(name, rest);
        continue;
      }
      if (families.has(name)) throw wrong('one TYPE a family');
      if (!Object.hasOwn(SUFFIXES, rest)) throw wrong('a known type');
      current = { name, family: { type: rest, help: helps.get(name) ?? '', samples: [] } };
      families.set(name, current.family);
      continue;
    }
    const [, sample = '', braces = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (sample === '' || !VALUE.test(value)) throw wrong('a sample');
    const labels: Record<string, string> = {};
    for (LABELS.lastIndex = 0; LABELS.lastIndex < braces.length; ) {
      const [, label = '', quoted = ''] = LABELS.exec(braces) ?? [];
      if (label === '' || label in labels) throw wrong('labels, each once');
      labels[label] = quoted.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char));
    }
    if (current === null || !(SUFFIXES[current.family.type] ?? []).some((suffix) => sample === current?.name + suffix)) throw wrong('a sample of its family');
    const id = `${sample} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(id)) throw wrong('each sample once');
    seen.add(id);
    current.family.samples.push({ name: sample, labels, value: value.endsWith('Inf') ? Number(value.replace('Inf', 'Infinity')) : Number(value) });
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
};

const checkHistogram = (name: string, { samples }: Family): void => {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const group = JSON.stringify(labels);
    groups.set(group, [...(groups.get(group) ?? []), sample]);
  }
  for (const [group, all] of groups) {
    const buckets = all
      .filter((sample) => sample.name === `${name}_bucket`)
      .map(({ labels, value }) => [Number(labels.le?.replace('Inf', 'Infinity')), value] as const);
    const total = all.find((sample) => sample.name === `${name}_count`)?.value;
    const grows = buckets.every(([bound, count], i) => i === 0 || (bound > (buckets[i - 1]?.[0] ?? 0) && count >= (buckets[i - 1]?.[1] ?? 0)));
    if (!grows || buckets.at(-1)?.[0] !== Number.POSITIVE_INFINITY || buckets.at(-1)?.[1] !== total)
      throw new Error(`Expected the buckets of ${name}${group} to grow up to +Inf, which is its count ${total}, got ${JSON.stringify(buckets)}`);
  }
};

/** The value of a sample; NaN if there is none. */
export const sampleOf = (families: ReadonlyMap<string, Family>, name: string, labels: Readonly<Record<string, string>>): number =>
  [...families.values()]
    .flatMap(({ samples }) => samples)
    .find((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))?.value ?? Number.NaN;
