import fc from 'fast-check';
import type { z } from 'zod';
import type { Scalar } from '../../shared/definition/definition.ts';
import type { Simple } from '../../shared/definition/kinds.ts';
import type { At, Measure, MeasureKind } from '../../shared/measures/measure.ts';
import { registry } from '../../shared/measures/registry.ts';
import { isLong } from '../support/long.ts';

/** A measure as a definition may fix it: the laws run over these, so a measure is tested by being listed in the registry. */
export interface Spec {
  readonly title: string;
  readonly name: string;
  readonly kind: Simple | null;
  readonly scale: number;
  readonly options: Readonly<Record<string, unknown>>;
  /** Of what values are ranked by. */
  readonly by: { readonly kind: Simple; readonly scale: number } | null;
  readonly measure: Measure;
  /** Of its answers. */
  readonly schema: z.ZodType;
}
/** One thing that is added: a value (null only where the measure takes none) at its place. */
export interface Entry {
  readonly value: Scalar | null;
  readonly at: At;
  readonly by: Scalar | null;
}

/** Scales that values of a kind come with. */
const SCALES: Readonly<Record<Simple, readonly number[]>> = { integer: [0], decimal: [0, 2, 9], float: [0], text: [0], boolean: [0] };
/** Options that a measure is tried with, where its own schema takes them. */
const OPTIONS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { scale: 0 },
  { scale: 6 },
  { p: [1, 50, 99.9] },
  { limit: 3 },
  { exact: 4 },
  { step: 5 },
  { bounds: [-2, 0, 0.5] },
];

/** What values are ranked by, where a measure takes that. */
const RANKINGS: readonly Spec['by'][] = [null, { kind: 'integer', scale: 0 }, { kind: 'decimal', scale: 2 }, { kind: 'float', scale: 6 }];

const scaleOf = (kind: Simple | null, scale: number, options: Spec['options']) =>
  kind === 'float' && typeof options.scale === 'number' ? options.scale : scale;

const specsOf = (measure: MeasureKind): Spec[] =>
  (measure.takes === null ? [null] : (measure.takes.kinds as readonly Simple[])).flatMap((kind) =>
    (kind === null ? [0] : SCALES[kind]).flatMap((declared) =>
      OPTIONS.flatMap((options) => (measure.ranks ? RANKINGS : [null]).map((by) => ({ options, by }))).flatMap(({ options, by }) => {
        const scale = scaleOf(kind, declared, options);
        if (!measure.options.safeParse(options).success || measure.refuses?.({ kind, scale, options }) != null) return [];
        const title = `${measure.name}(${[kind, declared > 0 ? `scale ${declared}` : '', options === OPTIONS[0] ? '' : JSON.stringify(options), by === null ? '' : `by ${by.kind}`].filter(Boolean).join(', ')})`;
        return [
          {
            title,
            name: measure.name,
            kind,
            scale,
            options,
            by,
            measure: measure.build({ kind, scale, options, ...(by === null ? {} : { by }) }),
            schema: measure.answers({ kind, scale, options, ...(by === null ? {} : { by }) }),
          },
        ];
      }),
    ),
  );
export const specs: readonly Spec[] = registry.flatMap(specsOf);

/** Values of each kind: few enough to collide often, and the edges. A kind without one does not compile. */
const VALUES: Readonly<Record<Simple, (scale: number) => fc.Arbitrary<Scalar>>> = {
  integer: () => fc.oneof(fc.integer({ min: -5, max: 5 }), fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)),
  decimal: (scale) =>
    fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -1_000_000_000, max: 1_000_000_000 })).map((n) => Number(`${n}e-${scale}`)),
  float: () =>
    fc.oneof(
      fc.double({ noNaN: true, min: -8e307, max: 8e307 }),
      fc.double({ noNaN: true, min: -100, max: 100 }),
      fc.constantFrom(0, 0.1, -0.5, 2 ** 53, 5e-324),
    ),
  text: () => fc.oneof(fc.constantFrom('', 'a', 'b', 'é', '\uffee', '😀', '"', '1'), fc.string({ unit: 'grapheme', maxLength: 12 })),
  boolean: () => fc.boolean(),
};
export const valuesOf = ({ kind, scale }: Spec): fc.Arbitrary<Scalar | null> => (kind === null ? fc.constant(null) : VALUES[kind](scale));

/** Time and id are often the same, so that ties are broken. */
const AT: fc.Arbitrary<At> = fc.record({
  time: fc.constantFrom('2015-09-12T00:00:00.000Z', '2015-09-12T00:00:00.001Z', '2026-01-01T10:00:00.000Z'),
  id: fc.constantFrom('a', 'B', '😀', '\uffee', 'é'),
});
const rankedBy = ({ by }: Spec): fc.Arbitrary<Scalar | null> => (by === null ? fc.constant(null) : fc.option(VALUES[by.kind](by.scale), { freq: 8 }));
export const entriesOf = (spec: Spec): fc.Arbitrary<Entry[]> => fc.array(fc.record({ value: valuesOf(spec), at: AT, by: rankedBy(spec) }), { maxLength: 40 });

export const addAll = ({ measure }: Spec, entries: readonly Entry[]): unknown =>
  entries.reduce((state, { value, at, by }) => measure.add(state, value, at, by), measure.zero());
/** What a state is, for comparison: its encoding. */
export const seen = ({ measure }: Spec, state: unknown): string => JSON.stringify(measure.encode(state));
export const shown = ({ measure }: Spec, state: unknown): string => JSON.stringify(measure.present(state));
/** Another copy of a state: `add` and `merge` may change the one that they get. */
export const copy = ({ measure }: Spec, state: unknown): unknown => measure.decode(JSON.parse(JSON.stringify(measure.encode(state))));

/** Fixed, so that a run is repeatable; SEED tries another. A failure prints its seed, and the smallest case that still fails. */
export const RUNS: fc.Parameters<unknown> = { seed: Number(process.env.SEED ?? 20_261_121), numRuns: isLong ? 100 : 40 };
