import { memoryLog } from '../support/memory-log.ts';
import { describeEventLog, describeResharding, type LogUnderTest, type ReshardableLog } from './event-log.ts';

const make = async ({ shards, lanes }: { shards: number; lanes: number }): Promise<ReshardableLog> => {
  const log = memoryLog({ shards, lanes, arrival: Date.now, gap: () => 7 });
  const under: LogUnderTest = { log, reader: log };
  return {
    ...under,
    reshard: async () => {
      const [a, b, ...others] = log.all.slice();
      if (a !== undefined && b !== undefined) log.merge(a, b);
      for (const shard of others) log.split(shard);
      return under;
    },
  };
};
describeEventLog(make);
describe('after shards were split and merged', () => describeResharding(make));
