// What a stage may set for all functions at once: tags, a VPC, the form of their logs.
const { expect, listOf } = require('./settings.cjs');

exports.tags = async ({ resolveVariable }) => {
  const [service, stage] = [await resolveVariable('self:service'), await resolveVariable('sls:stage')];
  const pairs = listOf(await resolveVariable('param:tags')).map((pair) => {
    const [name, ...value] = pair.split('=');
    expect(name !== '' && value.length > 0, 'tags', 'none or pairs such as team=data,cost-center=42', pair);
    return [name, value.join('=')];
  });
  return { ...Object.fromEntries(pairs), service, stage };
};

exports.vpc = async ({ resolveVariable }) => {
  const [subnets, groups] = [await resolveVariable('param:vpcSubnets'), await resolveVariable('param:vpcSecurityGroups')];
  const [subnetIds, securityGroupIds] = [listOf(subnets), listOf(groups)];
  if (subnetIds.length === 0) return null;
  expect(securityGroupIds.length > 0, 'vpcSecurityGroups', 'the ids of security groups beside vpcSubnets', groups);
  return { subnetIds, securityGroupIds };
};

/** Lambda takes levels only if logs are JSON. The functions' own lines are JSON already; which of them are written, logLevel decides. */
exports.logs = async ({ resolveVariable }) => {
  const [logFormat, systemLogLevel] = [String(await resolveVariable('param:logFormat')), String(await resolveVariable('param:systemLogLevel'))];
  return logFormat === 'JSON' ? { logFormat, systemLogLevel, applicationLogLevel: 'DEBUG' } : { logFormat };
};

exports.key = async ({ resolveVariable }) => {
  const key = String(await resolveVariable('param:kmsKey'));
  expect(key === 'none' || /^arn:aws[a-z-]*:kms:/.test(key), 'kmsKey', 'none or the ARN of a KMS key', key);
  return key === 'none' ? null : key;
};
