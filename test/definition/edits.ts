import { z } from 'zod';
import { count, DefinitionError, decimal, definePipeline, entity, event, metric } from '../../shared/pipeline.ts';

/** What the types refuse is refused again at load, since bundlers drop types. `loose` writes what a JavaScript user may. */
export const loose = (value: unknown): never => value as never;
export const edit = () =>
  event(
    z.object({
      time: z.iso.datetime(),
      page: z.string(),
      added: z.int(),
      score: z.number(),
      price: decimal(2),
      isRobot: z.boolean(),
      tags: z.array(z.string()),
      geo: z.object({ country: z.string() }),
    }),
    { time: 'time', subject: 'page' },
  );
export const order = event(z.object({ at: z.string(), price: z.int() }), { time: 'at' });

type Edit = ReturnType<typeof edit>;
/** Defines a pipeline with one metric of parts that the compiler has not seen. */
export const withMetric = (of: (e: Edit) => object) => () => {
  const e = edit();
  return definePipeline({ events: { edit: e }, metrics: { m: metric(e, loose({ measures: { n: count() }, ...of(e) })) } });
};
export const withEntity = (of: (e: Edit) => object) => () => {
  const e = edit();
  return definePipeline({ events: { edit: e }, metrics: {}, entities: { page: entity(e, loose({ key: e.page, fields: { n: count() }, ...of(e) })) } });
};

export const expectRefused = (define: () => unknown, message: string): void => {
  expect(define).toThrow(DefinitionError);
  expect(define).toThrow(expect.objectContaining({ message }));
};
