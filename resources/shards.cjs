// Kinesis at most doubles or halves the shards of a stream in one step, ten times in 24 hours
// (docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html). So before CloudFormation sets a stage's number
// of shards, the stream is brought to where one step is left.

const MAX_STEPS = 10;

/** The counts between, without the last one, which CloudFormation sets. */
exports.stepsTo = (from, to) => {
  const steps = [];
  for (let count = from; to > 2 * count || to < Math.ceil(count / 2); ) {
    count = to > count ? 2 * count : Math.ceil(count / 2);
    steps.push(count);
  }
  return steps;
};

/**
 * @param stream its name
 * @param target the shards that the deploy asks for
 * @throws {RangeError} if that takes more steps than a day allows, or if the stream is still on demand
 */
exports.approachShards = async ({ client, stream, target, say, sleep }) => {
  const { DescribeStreamSummaryCommand, UpdateShardCountCommand } = require('@aws-sdk/client-kinesis');
  const summary = async () => (await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))).StreamDescriptionSummary;
  const { OpenShardCount: from, StreamModeDetails } = await summary();
  const steps = stepsTo(from, target);
  if (steps.length === 0) return;
  if (StreamModeDetails?.StreamMode === 'ON_DEMAND')
    throw new RangeError(
      `shards: Expected ${Math.ceil(from / 2)} to ${2 * from}, since the log has ${from} shards of its own on demand, got ${target}: change the mode first, then the shards`,
    );
  if (steps.length >= MAX_STEPS) throw new RangeError(`shards: Expected at most ten doublings or halvings a day, got ${from} to ${target}`);
  say(`The log has ${from} shards; Kinesis doubles or halves them in one step: ${[from, ...steps, target].join(', ')}. Events are accepted meanwhile.`);
  for (const count of steps) {
    await client.send(new UpdateShardCountCommand({ StreamName: stream, TargetShardCount: count, ScalingType: 'UNIFORM_SCALING' }));
    for (;;) {
      const { OpenShardCount, StreamStatus } = await summary();
      if (StreamStatus === 'ACTIVE' && OpenShardCount === count) break;
      await sleep(2_000);
    }
  }
};
const { stepsTo } = exports;
