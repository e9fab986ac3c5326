import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folder } from '../../shared/adapters/files/folder.ts';
import { quarantineFolder } from '../../shared/adapters/files/quarantine-folder.ts';
import { describeDeliveryStream } from './delivery-stream.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-quarantine-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

describeDeliveryStream(async () => {
  const lake = folder({ root: temporary });
  return { stream: quarantineFolder({ store: lake, clock: Date.now }), lake };
});
