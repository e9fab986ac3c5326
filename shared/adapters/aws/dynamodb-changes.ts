import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Change } from '../../ports/change-reader.ts';
import { type Attributes, imageOf } from './entity-attributes.ts';

/**
 * Changes of the entity table, as Lambda gets them from the event source mapping of its stream (docs.aws.amazon.com/lambda/latest/dg/with-ddb.html).
 * @throws {RangeError} if the stream does not contain whole images.
 */
export const fromDynamodb = ({ Records }: DynamoDBStreamEvent): readonly Change[] => Records.map(changeOf);

const changeOf = ({ eventName, dynamodb }: DynamoDBRecord): Change => {
  const sequenceNumber = dynamodb?.SequenceNumber ?? '';
  const [before, after] = [shown(dynamodb?.OldImage), shown(dynamodb?.NewImage)];
  if (after === null && (before === null || eventName !== 'REMOVE'))
    throw new RangeError(`Expected a stream of NEW_AND_OLD_IMAGES, got ${dynamodb?.StreamViewType} at ${sequenceNumber}`);
  return { sequenceNumber, before, after };
};

const shown = (attributes: Attributes | undefined) => (attributes === undefined ? null : imageOf(attributes));
