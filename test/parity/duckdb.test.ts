import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { folder } from '../../shared/adapters/files/folder.ts';
import { describeExpressionParity } from '../support/expression-parity.ts';
import { describeLookupParity } from '../support/lookup-parity.ts';
import { describeParity } from '../support/parity.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-parity-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

const makeSide = async () => {
  const root = join(temporary, 'lake');
  return { engine: duckdb({ root, memoryBytes: 2 ** 30 }), lake: folder({ root }) };
};
describeParity(makeSide);
describeLookupParity(makeSide);

describeExpressionParity(async () => duckdb({ root: join(temporary, 'lake'), memoryBytes: 2 ** 30 }));
