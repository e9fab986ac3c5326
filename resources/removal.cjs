// CloudFormation cannot delete a bucket that is not empty, and a stage that is removed under traffic still writes: the archive,
// the quarantine's delivery, Athena. So writes are denied before the bucket is emptied, until it is gone.

/** @throws if an object cannot be deleted. */
exports.emptyForGood = async ({ client, bucket, partition }) => {
  const { DeleteObjectsCommand, ListObjectVersionsCommand } = require('@aws-sdk/client-s3');
  await denyWrites(client, bucket, partition);
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1000 }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects } }));
    if (Errors.length > 0) throw new Error(`Expected ${bucket} to be emptied, got ${Errors[0].Code} for '${Errors[0].Key}'`);
  }
};

const SID = 'BeingRemoved';

/** Beside what the bucket's policy says, if it has one. */
const denyWrites = async (client, bucket, partition) => {
  const { GetBucketPolicyCommand, PutBucketPolicyCommand } = require('@aws-sdk/client-s3');
  const { Policy } = await client.send(new GetBucketPolicyCommand({ Bucket: bucket })).catch((error) => {
    if (error.name === 'NoSuchBucketPolicy') return {};
    throw error;
  });
  const { Statement = [] } = Policy === undefined ? {} : JSON.parse(Policy);
  const deny = { Sid: SID, Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `arn:${partition}:s3:::${bucket}/*` };
  const policy = { Version: '2012-10-17', Statement: [...Statement.filter((one) => one.Sid !== SID), deny] };
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(policy) }));
};
