// What ingest may do besides if it has a URL of its own (`ingestUrl`): read the stage's tokens.
module.exports = async ({ resolveVariable }) => {
  if (String(await resolveVariable('param:ingestUrl')) !== 'true') return {};
  const [service, stage] = await Promise.all(['self:service', 'sls:stage'].map(resolveVariable));
  const tokens = `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/${service}/${stage}/tokens`;
  return {
    Resources: {
      IngestTokens: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: 'IngestRole' }],
          PolicyName: 'tokens',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'ssm:GetParametersByPath', Resource: [{ 'Fn::Sub': tokens }, { 'Fn::Sub': `${tokens}/*` }] }],
          },
        },
      },
    },
  };
};
