import { domains, goldenAnswers, playing } from '../examples/answers.ts';
import { describeExpressionParity } from '../support/expression-parity.ts';
import { describeLookupParity } from '../support/lookup-parity.ts';
import { describeParity } from '../support/parity.ts';
import { type AthenaLake, startAthenaLake } from './athena-lake.ts';

let lake: AthenaLake;
beforeAll(async () => {
  lake = await startAthenaLake();
});
afterAll(() => lake?.stop());

describeParity(() => lake.makeSide());
describeLookupParity(() => lake.makeSide());
// Trino plans such statements for up to a minute, and runs each for milliseconds: one round has every operator.
describeExpressionParity(async () => (await lake.makeSide()).engine, 1);

describe.each(domains.map((domain) => [domain.name, domain] as const))('example %s', (name, domain) => {
  test('half of each layer, then batch alone, give the golden answers', async () => {
    const world = await playing(domain, await lake.makeSide());
    try {
      await world.send((i) => i % 2 === 0);
      await world.publish();
      await world.send((i) => i % 2 === 1);
      expect(await world.ask()).toEqual({ answers: goldenAnswers(name), layers: { batch: true, speed: true } });
      await world.publish();
      expect(await world.ask()).toEqual({ answers: goldenAnswers(name), layers: { batch: true, speed: false } });
    } finally {
      await world.close();
    }
  });
});
