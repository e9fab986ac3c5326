import type { Json, MeasureKind, MeasureSpec } from './measure.ts';

/** The same states, answered in another way: the andThenPresent of Algebird. */
export const andThenPresent = <S, O>(kind: MeasureKind<S, O>, name: string, present: (answer: Json, spec: MeasureSpec<O>) => Json): MeasureKind<S, O> => ({
  ...kind,
  name,
  build: (spec) => {
    const measure = kind.build(spec);
    return { ...measure, present: (state) => present(measure.present(state), spec) };
  },
});
