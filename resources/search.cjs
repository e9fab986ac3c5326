// The resources of free-text search, by the stage's `search` setting:
//   none         nothing; /entities?q= answers 501
//   domain       an OpenSearch domain of the stage's own
//   serverless   an OpenSearch Serverless collection of the stage's own (experimental: no test has met one)
//   https://…    an existing cluster. `searchService` says how calls are signed: `basic` with the SecureString parameter
//                /SERVICE/STAGE/search, user:password; `es` or `aoss` by these roles, which its own policy must allow
// Permissions: search reads; index-entities and reindex write, create and delete indexes.

const READ = ['GET', 'POST', 'HEAD'];
const WRITE = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD'];
const ROLES = { SearchRole: READ, IndexEntitiesRole: WRITE, ReindexRole: WRITE };

const roleArn = (role) => ({ 'Fn::GetAtt': [role, 'Arn'] });
const policy = (role, statement) => ({
  Type: 'AWS::IAM::Policy',
  Properties: {
    Roles: [{ Ref: role }],
    PolicyName: 'search-index',
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] },
  },
});
const policies = (statementOf) =>
  Object.fromEntries(Object.entries(ROLES).map(([role, methods]) => [`${role}SearchIndex`, policy(role, statementOf(methods))]));

/** As many nodes in each zone: OpenSearch puts its replicas into other zones. */
const zonesOf = (nodes) => {
  const zones = [3, 2].find((count) => nodes % count === 0);
  if (zones === undefined) throw new Error(`searchNodes: Expected 1 or a multiple of 2 or 3, which zones can share evenly, got ${nodes}`);
  return zones;
};

const domain = ({ service, stage, instance, nodes, volumeGb, whenRemoved }) => {
  const arn = { 'Fn::Sub': `arn:\${AWS::Partition}:es:\${AWS::Region}:\${AWS::AccountId}:domain/${service}-${stage}` };
  const actions = (methods) => methods.map((method) => `es:ESHttp${method[0]}${method.slice(1).toLowerCase()}`);
  // Per index if the path names one; _bulk and _aliases do not.
  const paths = { 'Fn::Sub': `${arn['Fn::Sub']}/*` };
  return {
    resources: {
      SearchDomain: {
        Type: 'AWS::OpenSearchService::Domain',
        DeletionPolicy: whenRemoved,
        UpdateReplacePolicy: whenRemoved,
        UpdatePolicy: { EnableVersionUpgrade: true },
        Properties: {
          DomainName: `${service}-${stage}`,
          EngineVersion: 'OpenSearch_3.1',
          ClusterConfig: {
            InstanceType: instance,
            InstanceCount: nodes,
            ...(nodes > 1 ? { ZoneAwarenessEnabled: true, ZoneAwarenessConfig: { AvailabilityZoneCount: zonesOf(nodes) } } : {}),
          },
          EBSOptions: { EBSEnabled: true, VolumeType: 'gp3', VolumeSize: volumeGb },
          EncryptionAtRestOptions: { Enabled: true },
          NodeToNodeEncryptionOptions: { Enabled: true },
          DomainEndpointOptions: { EnforceHTTPS: true, TLSSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
          SoftwareUpdateOptions: { AutoSoftwareUpdateEnabled: true },
          AdvancedOptions: { 'rest.action.multi.allow_explicit_index': 'true' },
          AccessPolicies: {
            Version: '2012-10-17',
            Statement: Object.entries(ROLES).map(([role, methods]) => ({
              Effect: 'Allow',
              Principal: { AWS: roleArn(role) },
              Action: actions(methods),
              Resource: paths,
            })),
          },
        },
      },
      ...policies((methods) => ({ Action: actions(methods), Resource: paths })),
    },
    environment: { SEARCH_ENDPOINT: { 'Fn::Sub': `https://\${SearchDomain.DomainEndpoint}` }, SEARCH_SERVICE: 'es' },
  };
};

const collection = ({ service, stage, nodes, whenRemoved }) => {
  const name = `${service}-${stage}`;
  const own = { ResourceType: 'collection', Resource: [`collection/${name}`] };
  const indexes = { ResourceType: 'index', Resource: [`index/${name}/*`] };
  const READS = ['aoss:DescribeIndex', 'aoss:ReadDocument'];
  const grants = {
    SearchRole: [{ ...indexes, Permission: READS }],
    // It creates an index where it finds none, and deletes one that it created while another was put into use.
    IndexEntitiesRole: [
      { ...indexes, Permission: [...READS, 'aoss:WriteDocument', 'aoss:CreateIndex', 'aoss:UpdateIndex', 'aoss:DeleteIndex'] },
      { ...own, Permission: ['aoss:DescribeCollectionItems', 'aoss:CreateCollectionItems', 'aoss:UpdateCollectionItems'] },
    ],
    ReindexRole: [
      { ...indexes, Permission: [...READS, 'aoss:WriteDocument', 'aoss:CreateIndex', 'aoss:UpdateIndex', 'aoss:DeleteIndex'] },
      { ...own, Permission: ['aoss:DescribeCollectionItems', 'aoss:CreateCollectionItems', 'aoss:UpdateCollectionItems', 'aoss:DeleteCollectionItems'] },
    ],
  };
  const security = (kind, text) => ({ Type: 'AWS::OpenSearchServerless::SecurityPolicy', Properties: { Name: name, Type: kind, Policy: text } });
  // The policies are JSON in a string, with the roles' ARNs inserted.
  const access = JSON.stringify(Object.entries(grants).map(([role, rules]) => ({ Rules: rules, Principal: [`\${${role}.Arn}`] })));
  return {
    resources: {
      SearchEncryption: security('encryption', JSON.stringify({ Rules: [own], AWSOwnedKey: true })),
      // Reachable over the internet like DynamoDB and Kinesis, but only by signed calls of these roles.
      SearchNetwork: security('network', JSON.stringify([{ Rules: [own], AllowFromPublic: true }])),
      SearchAccess: { Type: 'AWS::OpenSearchServerless::AccessPolicy', Properties: { Name: name, Type: 'data', Policy: { 'Fn::Sub': access } } },
      SearchCollection: {
        Type: 'AWS::OpenSearchServerless::Collection',
        DependsOn: ['SearchEncryption', 'SearchNetwork'],
        DeletionPolicy: whenRemoved,
        UpdateReplacePolicy: whenRemoved,
        Properties: { Name: name, Type: 'SEARCH', StandbyReplicas: nodes > 1 ? 'ENABLED' : 'DISABLED' },
      },
      ...policies(() => ({ Action: 'aoss:APIAccessAll', Resource: { 'Fn::GetAtt': ['SearchCollection', 'Arn'] } })),
    },
    environment: { SEARCH_ENDPOINT: { 'Fn::GetAtt': ['SearchCollection', 'CollectionEndpoint'] }, SEARCH_SERVICE: 'aoss' },
  };
};

const cluster = ({ service, stage, search, signing }) => {
  const name = `/${service}/${stage}/search`;
  const arn = { 'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${name}` };
  return {
    resources: signing === 'basic' ? policies(() => ({ Action: 'ssm:GetParameter', Resource: arn })) : {},
    environment: { SEARCH_ENDPOINT: search, SEARCH_SERVICE: signing, ...(signing === 'basic' ? { SEARCH_CREDENTIALS: name } : {}) },
  };
};

const none = () => ({ resources: {}, environment: {} });

module.exports = async ({ resolveVariable }) => {
  const setting = async (name) => resolveVariable(`param:${name}`);
  const [service, stage, search] = [await resolveVariable('self:service'), await resolveVariable('sls:stage'), String(await setting('search'))];
  const kinds = { none, domain, serverless: collection };
  // Plain HTTP is allowed only to this machine.
  const make = /^(https:\/\/|http:\/\/127\.0\.0\.1[:/])/.test(search) ? cluster : kinds[search];
  if (make === undefined) throw new Error(`search: Expected none, domain, serverless or an https:// URL, got '${search}'`);
  const { resources, environment } = make({
    service,
    stage,
    search,
    signing: await setting('searchService'),
    instance: await setting('searchInstance'),
    nodes: Number(await setting('searchNodes')),
    volumeGb: Number(await setting('searchVolumeGb')),
    whenRemoved: await setting('whenRemoved'),
  });
  return { resources: { Resources: resources }, environment };
};
