import { registry } from '../../shared/measures/registry.ts';
import { random } from '../../testing/random.ts';
import { variants } from './pipelines.ts';

test('the pipelines of histories use every measure of the registry', () => {
  const used = new Set<string>();
  for (let seed = 0; seed < 200; seed++)
    for (const { pipeline } of variants(random(seed), 2, false))
      for (const { definition } of Object.values(pipeline.metrics)) for (const { measure } of definition.measures) used.add(measure);
  const missing = registry.map(({ name }) => name).filter((name) => !used.has(name));
  if (missing.length > 0)
    throw new Error(`Expected a use of ${missing.join(', ')} in HIT or SALE of test/faults/pipelines.ts, with what a plain reader makes of the same events`);
});
