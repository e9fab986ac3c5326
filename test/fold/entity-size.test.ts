import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import pipeline from '#pipeline';
import { itemBytes, writeUnits } from '../../cost/services/item-size.ts';
import { attributesOf } from '../../shared/adapters/aws/entity-attributes.ts';
import { compileEntity } from '../../shared/fold/entity.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import { entityId } from '../../shared/storage/entity-item.ts';

// DynamoDB bills a write by the started KB of the whole item: with the fields, the state, and a position of every shard.

const KEY = '7b6e2c1a-0d5c-4a53-9a79-1f7a3c1d9e00';
/** As those of Kinesis: apart from shard to shard, and the last digits are the shard's. */
const positionOf = (shard: number): string =>
  String(
    49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n + BigInt(shard) * 22_300_745_198_530_623_141_535_718_272_648_361_505_980_416n,
  );

const edits = gunzipSync(readFileSync('examples/wikipedia-edits-2015-09-12.ndjson.gz'))
  .toString()
  .split('\n', 500)
  .map((line, i) => {
    const data = JSON.parse(line);
    return { id: `${KEY}:${i}`, source: '/events/edit', type: 'edit', time: data.time, data } as unknown as StoredEvent;
  });

test.each([1, 4, 16])('given entities that %s shards have changed, then a write of each is a unit, or hardly more', (shards) => {
  for (const entity of Object.values(pipeline.entities)) {
    const fold = compileEntity(entity.definition);
    const sizes = edits.map((edit) => {
      const state = fold.zero();
      fold.add(state, edit);
      for (let shard = 0; shard < shards; shard++) state.upTo.set(`shardId-${String(shard).padStart(12, '0')}`, positionOf(shard));
      const attributes = attributesOf({ entity: entityId(entity), key: fold.key(edit) ?? '', version: 12, deleted: false, fields: fold.present(state) });
      return itemBytes({ ...attributes, _state: { B: fold.encode(state) } } as Parameters<typeof itemBytes>[0]);
    });
    const units = sizes.reduce((sum, bytes) => sum + writeUnits(bytes), 0) / sizes.length;
    // Some titles are long.
    expect([entity.name, units <= 1.1, units]).toEqual([entity.name, true, expect.any(Number)]);
  }
});
