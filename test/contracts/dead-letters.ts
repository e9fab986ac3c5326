import type { DeadLetterConsumer, DeadLetters } from '../../shared/ports/dead-letters.ts';
import type { LogRecord } from '../../shared/ports/log-reader.ts';
import { until } from '../support/until.ts';

export interface LettersUnderTest {
  readonly letters: DeadLetters;
  /** What the log has, in order, all in one shard. */
  readonly records: readonly LogRecord[];
  readonly shard: string;
  /** Dead-letters the records from ≤ place < to in the name of a consumer, as the platform does. */
  bury(consumer: DeadLetterConsumer, from: number, to: number): Promise<void>;
}

/** What every store of dead letters does. `make` returns an empty one, over a log of six records. */
export const describeDeadLetters = (make: () => Promise<LettersUnderTest>): void => {
  test('without dead letters, the list is empty', async () => {
    expect(await (await make()).letters.list()).toEqual([]);
  });

  test('dead letters are listed, however often one asks, and read record by record as the log has them', async () => {
    const { letters, records, shard, bury } = await make();
    await bury('aggregate', 0, 2);
    await bury('archive', 1, 5);
    for (let asked = 0; asked < 3; asked++) {
      const listed = [...(await letters.list())].sort((a, b) => (a.consumer < b.consumer ? -1 : 1));
      expect(listed).toMatchObject([
        { consumer: 'aggregate', shard, first: records[0]?.sequenceNumber, last: records[1]?.sequenceNumber, records: 2, reason: expect.stringMatching(/\w/) },
        { consumer: 'archive', shard, first: records[1]?.sequenceNumber, last: records[4]?.sequenceNumber, records: 4, attempts: 3 },
      ]);
      const [, archived] = listed;
      if (archived === undefined) throw new Error('Expected two letters');
      expect([archived.firstArrivedAtMs, archived.lastArrivedAtMs]).toEqual([records[1]?.arrivedAtMs, records[4]?.arrivedAtMs]);
      expect((await letters.read(archived)).map(plain)).toEqual(records.slice(1, 5).map(plain));
    }
  });

  test('a dead letter that was removed is gone, the others stay, and removing it again is no error', async () => {
    const { letters, bury } = await make();
    await bury('archive', 0, 1);
    await bury('archive', 1, 3);
    await bury('materialize', 0, 1);
    const listed = await letters.list();
    const gone = listed.find(({ consumer, records }) => consumer === 'archive' && records === 1);
    if (gone === undefined) throw new Error('Expected the letter');
    await letters.remove(gone);
    await letters.remove(gone);
    const left = await until(async () => {
      const ids = (await letters.list()).map(({ id }) => id);
      return ids.length === 2 ? ids : null;
    });
    expect([...left].sort()).toEqual(
      listed
        .filter(({ id }) => id !== gone.id)
        .map(({ id }) => id)
        .sort(),
    );
  });

  test('many dead letters are all listed, oldest first', async () => {
    const { letters, bury } = await make();
    for (let i = 0; i < 13; i++) await bury('aggregate', i % 5, (i % 5) + 1 + Math.floor(i / 5));
    const times = (await letters.list()).map(({ buriedAtMs }) => buriedAtMs);
    expect(times).toHaveLength(13);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });
};

const plain = ({ data, ...record }: LogRecord) => ({ ...record, data: Buffer.from(data).toString('hex') });
