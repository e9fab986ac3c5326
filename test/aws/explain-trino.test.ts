import { playLaw } from '../explain/law.ts';
import { type AthenaLake, startAthenaLake } from './athena-lake.ts';

// The batch side's SQL on Trino: metrics with each kind of measure, over items, and with lookups.

let lake: AthenaLake;
beforeAll(async () => {
  lake = await startAthenaLake();
});
afterAll(() => lake?.stop());

test('the fold of the list is the number', async () => {
  const names = ['everything', 'spread', 'expressions', 'lines', 'looked'];
  expect(await playLaw(7, { names, rowsOfEach: 1, stages: ['both'], side: await lake.makeSide() })).toBeGreaterThan(100);
});
