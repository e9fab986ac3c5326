import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../../shared/adapters/files/folder.ts';
import { findingsOf } from '../check/findings.ts';
import { readState } from '../check/state.ts';
import { readOldViews } from './old-views.ts';
import { gapsOf, takeInventory } from './raw-files.ts';
import type { RepairOptions } from './run.ts';
import { isRepairing, REPLACED } from './set-aside.ts';

/** Says what is wrong with a folder, and what a repair would rebuild. It changes nothing. */
export const describeRepair = async ({ dataDir, say }: RepairOptions): Promise<void> => {
  if (isRepairing(dataDir)) say('A repair was interrupted: the next one begins again.');
  else {
    const { state, close } = await readState(dataDir);
    const found = findingsOf(state);
    close();
    for (const { file, problem } of found) say(`${file}: ${problem}`);
    if (found.length === 0) say('The stores agree with each other: no repair is needed.');
  }
  const { good, damaged } = await takeInventory(folder({ root: join(dataDir, 'lake') }));
  const aside = join(dataDir, REPLACED, 'views.db');
  const old = readOldViews(isRepairing(dataDir) && existsSync(aside) ? aside : join(dataDir, 'views.db'));
  for (const { key } of damaged) say(`lake/${key}: It is damaged.`);
  for (const { shard, after, upTo } of gapsOf([...good, ...damaged], old.written))
    say(`Raw lines of ${shard} after record ${after}, up to ${upTo}, are missing in the lake.`);
  old.close();
  say(`A repair rebuilds everything from ${good.length.toLocaleString('en-US')} raw files, and from what log.db holds beyond them.`);
};
