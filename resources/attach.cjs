// What every role of a function gets beside its own permissions: those that a VPC, or a key of the stage's own, ask for.

const VPC = {
  Effect: 'Allow',
  Action: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  Resource: '*', // an interface has no name before Lambda creates it
};
const KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

const isAssumedBy = ({ Type, Properties }, services) =>
  Type === 'AWS::IAM::Role' && Properties.AssumeRolePolicyDocument.Statement.some(({ Principal }) => services.includes(Principal?.Service));
const add = (role, PolicyName, statement) => role.Properties.Policies.push({ PolicyName, PolicyDocument: { Version: '2012-10-17', Statement: [statement] } });

/** @param service of the framework, its variables resolved */
exports.attach = ({ functions, provider, resources, custom }) => {
  const rolesOf = (...services) => Object.values(resources.Resources).filter((one) => isAssumedBy(one, services));
  const isInVpc = provider.vpc || Object.values(functions).some(({ vpc }) => vpc);
  if (isInVpc) for (const role of rolesOf('lambda.amazonaws.com')) add(role, 'vpc', VPC);
  const { kmsKey } = custom.twinstream;
  if (!kmsKey) return;
  for (const role of rolesOf('lambda.amazonaws.com', 'firehose.amazonaws.com')) add(role, 'key', { Effect: 'Allow', Action: KEY, Resource: kmsKey });
};
