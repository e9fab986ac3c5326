// Which consumers of the log a stage has, and how they read it.

/** A pipeline without entities has nothing to materialize: neither the function nor its reading of the log. Its queue stays, which costs nothing. */
exports.dropEntities = ({ functions, resources }) => {
  delete functions.materialize;
  for (const id of Object.keys(resources.Resources)) if (/^Materialize(?!DeadLetters$)/.test(id)) delete resources.Resources[id];
};

/** Enhanced fan-out (docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html): 2 MB a second and shard for each of these. */
exports.fanOut = ({ service, functions, resources }, stage) => {
  for (const name of ['aggregate', 'materialize'].filter((one) => functions[one] !== undefined)) {
    const id = `${name[0].toUpperCase()}${name.slice(1)}`;
    for (const { stream } of functions[name].events) stream.consumer = { Ref: `${id}Consumer` };
    resources.Resources[`${id}Consumer`] = {
      Type: 'AWS::Kinesis::StreamConsumer',
      Properties: { ConsumerName: `${service}-${stage}-${name}`, StreamARN: { 'Fn::GetAtt': ['Log', 'Arn'] } },
    };
    resources.Resources[`${id}ConsumerPolicy`] = {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: `${id}Role` }],
        PolicyName: 'fan-out',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['kinesis:SubscribeToShard', 'kinesis:DescribeStreamConsumer'], Resource: { Ref: `${id}Consumer` } }],
        },
      },
    };
  }
};
