import type { DynamoDBRecord } from 'aws-lambda';
import { fromDynamodb } from '../../shared/adapters/aws/dynamodb-changes.ts';
import { attributesOf } from '../../shared/adapters/aws/entity-attributes.ts';
import type { EntityImage } from '../../shared/ports/change-reader.ts';

const ITEM: EntityImage = {
  entity: 'page@0123456789ab',
  key: 'a#b\u0000ü',
  version: 3,
  deleted: false,
  fields: { title: 'T', edits: 12.5, isNew: true, nothing: null, top: [{ value: 'x', count: 2 }], size: { p50: 1 } },
};
/** As the table's stream has it, with the state that the table keeps. */
const image = (item: EntityImage) => ({ ...attributesOf(item), _state: { B: 'AAEC' } });
const recordOf = (eventName: 'INSERT' | 'MODIFY' | 'REMOVE', of: { before?: EntityImage; after?: EntityImage }): DynamoDBRecord => ({
  eventID: '1',
  eventName,
  eventSource: 'aws:dynamodb',
  dynamodb: {
    SequenceNumber: '77',
    StreamViewType: 'NEW_AND_OLD_IMAGES',
    ...(of.before === undefined ? {} : { OldImage: image(of.before) }),
    ...(of.after === undefined ? {} : { NewImage: image(of.after) }),
  },
});

test('given an insert, a change and a removal, then each is read with the entities that it shows, without their states', () => {
  const later = { ...ITEM, version: 4, deleted: true, fields: {} };
  const Records = [recordOf('INSERT', { after: ITEM }), recordOf('MODIFY', { before: ITEM, after: later }), recordOf('REMOVE', { before: later })];
  expect(fromDynamodb({ Records })).toEqual([
    { sequenceNumber: '77', before: null, after: ITEM },
    { sequenceNumber: '77', before: ITEM, after: later },
    { sequenceNumber: '77', before: later, after: null },
  ]);
});

test.each([
  ['no images', recordOf('MODIFY', {})],
  ['old images alone', recordOf('MODIFY', { before: ITEM })],
  ['a removal without its image', recordOf('REMOVE', {})],
])('given %s, then it fails and says what it expected', (_, record) => {
  const Records = [{ ...record, dynamodb: { ...record.dynamodb, StreamViewType: 'KEYS_ONLY' as const } }];
  expect(() => fromDynamodb({ Records })).toThrow('Expected a stream of NEW_AND_OLD_IMAGES, got KEYS_ONLY at 77');
});
