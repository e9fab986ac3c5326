import { describeExpressionParity } from '../support/expression-parity.ts';
import { describeParity } from '../support/parity.ts';
import { type AthenaLake, startAthenaLake } from './athena-lake.ts';

let lake: AthenaLake;
beforeAll(async () => {
  lake = await startAthenaLake();
});
afterAll(() => lake?.stop());

describeParity(() => lake.makeSide());
describeExpressionParity(async () => (await lake.makeSide()).engine);
