import { ROUTES } from '../../shared/api/routes.ts';
import { EVERYTHING, type Packaged, PROD, type Resource, templateOf } from '../support/sls.ts';

// What a stage may add by its settings, and that without them nothing is added.

let plain: Packaged;
let full: Packaged;
beforeAll(async () => {
  plain = await templateOf('prod', PROD);
  full = await templateOf('prod', EVERYTHING);
});
const propertiesOf = (packaged: Packaged, type: string): Resource['Properties'][] => packaged.ofType(type).map(([, { Properties }]) => Properties);
const oneOf = (packaged: Packaged, type: string) => {
  const [one, ...more] = propertiesOf(packaged, type);
  expect(more).toEqual([]);
  return one as Resource['Properties'];
};

/** The HTTP API; with `live` there is a WebSocket API, too. */
const httpApi = (packaged: Packaged) => {
  const [one, ...more] = propertiesOf(packaged, 'AWS::ApiGatewayV2::Api').filter(({ ProtocolType }) => ProtocolType === 'HTTP');
  expect(more).toEqual([]);
  return one as Resource['Properties'];
};

test('domain: the API is at a name of its own, with its certificate and record', () => {
  expect(oneOf(full, 'AWS::ApiGatewayV2::DomainName')).toEqual({
    DomainName: EVERYTHING.domain,
    DomainNameConfigurations: [{ CertificateArn: EVERYTHING.domainCertificate, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' }],
  });
  expect(oneOf(full, 'AWS::ApiGatewayV2::ApiMapping')).toEqual({ ApiId: { Ref: 'HttpApi' }, DomainName: { Ref: 'ApiDomain' }, Stage: { Ref: 'HttpApiStage' } });
  expect(oneOf(full, 'AWS::Route53::RecordSet')).toMatchObject({ Name: EVERYTHING.domain, Type: 'A', HostedZoneId: EVERYTHING.domainZone });
  for (const type of ['AWS::ApiGatewayV2::DomainName', 'AWS::ApiGatewayV2::ApiMapping', 'AWS::Route53::RecordSet']) expect(plain.ofType(type)).toEqual([]);
});

test('corsOrigins: the API answers preflights of these origins, with the methods of all routes', () => {
  const { CorsConfiguration } = httpApi(full) as unknown as { CorsConfiguration: Record<string, string[]> };
  expect(CorsConfiguration.AllowOrigins).toEqual(['https://shop.example', 'https://admin.shop.example']);
  expect(CorsConfiguration.AllowMethods?.slice().sort()).toEqual([...new Set(ROUTES.map(({ key }) => key.split(' ')[0]))].sort());
  expect(CorsConfiguration.AllowHeaders).toEqual(expect.arrayContaining(['authorization', 'content-type', 'idempotency-key']));
  expect(httpApi(plain).CorsConfiguration).toBeUndefined();
});

test('jwtIssuer: calls that read bring a JWT, all others a token', () => {
  const authorizers = new Map(propertiesOf(full, 'AWS::ApiGatewayV2::Authorizer').map((one) => [one.Name, one]));
  expect(authorizers.get('jwt')).toMatchObject({
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: EVERYTHING.jwtIssuer, Audience: ['app-client-1', 'app-client-2'] },
  });
  const byKey = new Map(propertiesOf(full, 'AWS::ApiGatewayV2::Route').map((route) => [route.RouteKey, route]));
  for (const { key, scope } of ROUTES.filter(({ function: name }) => name !== 'stats')) {
    const { AuthorizationType, AuthorizerId, AuthorizationScopes } = byKey.get(key) as Resource['Properties'];
    const expected = {
      none: [undefined, undefined, undefined],
      jwt: ['JWT', { Ref: 'HttpApiAuthorizerJwt' }, ['twinstream/read']],
      token: ['CUSTOM', { Ref: 'HttpApiAuthorizerTokens' }, undefined],
    }[scope === null ? 'none' : scope === 'read' ? 'jwt' : 'token'];
    expect([key, AuthorizationType, AuthorizerId, AuthorizationScopes]).toEqual([key, ...expected]);
  }
  expect(propertiesOf(plain, 'AWS::ApiGatewayV2::Authorizer').map(({ Name }) => Name)).toEqual(['tokens']);
});

const policiesNamed = (packaged: Packaged, name: string) =>
  packaged
    .ofType('AWS::IAM::Role')
    .flatMap(([id, { Properties }]) => Properties.Policies.flatMap(({ PolicyName, PolicyDocument }) => (PolicyName === name ? [{ id, PolicyDocument }] : [])));
const rolesOf = (packaged: Packaged) => propertiesOf(packaged, 'AWS::Lambda::Function').map(({ Role }) => Role['Fn::GetAtt'][0]);

test('vpcSubnets: each function is in the VPC, and its role may make interfaces there', () => {
  const vpc = { SubnetIds: EVERYTHING.vpcSubnets.split(','), SecurityGroupIds: [EVERYTHING.vpcSecurityGroups] };
  for (const { VpcConfig } of propertiesOf(full, 'AWS::Lambda::Function')) expect(VpcConfig).toEqual(vpc);
  const allowed = policiesNamed(full, 'vpc');
  expect(allowed.map(({ id }) => id).sort()).toEqual(rolesOf(full).sort());
  for (const { PolicyDocument } of allowed) expect(PolicyDocument.Statement[0]?.Action).toContain('ec2:CreateNetworkInterface');
  expect(policiesNamed(plain, 'vpc')).toEqual([]);
});

test('tags: functions and the API have them, beside service and stage', () => {
  const tags = { team: 'data', 'cost-center': '42', service: 'twinstream', stage: 'prod' };
  for (const { Tags } of propertiesOf(full, 'AWS::Lambda::Function'))
    expect(Object.fromEntries((Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]))).toEqual(tags);
  expect(httpApi(full).Tags).toEqual(tags);
});

test('kmsKey: it encrypts all that is stored, and every role may use it', () => {
  const withKey = JSON.stringify(EVERYTHING.kmsKey);
  for (const id of ['Log', 'Cells', 'Entities', 'Lake', 'Workgroup', 'Quarantine', 'LiveConnections'])
    expect([id, JSON.stringify(full.resources[id]).includes(withKey)]).toEqual([id, true]);
  for (const type of ['AWS::Lambda::Function', 'AWS::Logs::LogGroup'])
    for (const [id, one] of full.ofType(type)) expect([id, JSON.stringify(one).includes(withKey)]).toEqual([id, true]);
  expect(
    policiesNamed(full, 'key')
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...rolesOf(full), 'QuarantineDeliveryRole'].sort());
  for (const { PolicyDocument } of policiesNamed(full, 'key')) expect(PolicyDocument.Statement[0]?.Resource).toBe(EVERYTHING.kmsKey);
  expect(policiesNamed(plain, 'key')).toEqual([]);
});

test("logFormat and systemLogLevel: Lambda's own lines", () => {
  for (const { LoggingConfig } of propertiesOf(full, 'AWS::Lambda::Function'))
    expect(LoggingConfig).toMatchObject({ LogFormat: 'JSON', SystemLogLevel: 'DEBUG' });
  for (const { LoggingConfig } of propertiesOf(plain, 'AWS::Lambda::Function'))
    expect(LoggingConfig).toMatchObject({ LogFormat: 'JSON', SystemLogLevel: 'WARN' });
});

test('provisionedIngest, provisionedQuery, provisionedAuthorize: calls go to environments that are kept warm', () => {
  const aliases = full.ofType('AWS::Lambda::Alias').map(([id, { Properties }]) => [id, Properties.ProvisionedConcurrencyConfig]);
  expect(Object.fromEntries(aliases)).toEqual({
    IngestProvConcLambdaAlias: { ProvisionedConcurrentExecutions: 2 },
    QueryProvConcLambdaAlias: { ProvisionedConcurrentExecutions: 1 },
    AuthorizeProvConcLambdaAlias: { ProvisionedConcurrentExecutions: 1 },
  });
  for (const name of ['Ingest', 'Query'])
    expect(full.resources[`HttpApiIntegration${name}`]?.Properties.IntegrationUri).toEqual({
      'Fn::Join': [':', [{ 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] }, 'provisioned']],
    });
  expect(plain.ofType('AWS::Lambda::Alias')).toEqual([]);
});

test('live: a WebSocket API, whose connections the function that reads the changes of cells may send to, and nothing of that without it', () => {
  expect(plain.resources.Cells?.Properties.StreamSpecification).toBeUndefined();
  expect(Object.keys(plain.resources).filter((id) => /^(Live|Connect|Push)/.test(id))).toEqual([]);
  expect(full.resources.Cells?.Properties.StreamSpecification).toEqual({ StreamViewType: 'KEYS_ONLY' });
  expect(full.resources.PushEventSourceMappingDynamodbCells?.Properties).toMatchObject({
    FilterCriteria: {
      Filters: [
        { Pattern: JSON.stringify({ eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { partition: { S: [{ prefix: 'cells#' }] } } } }) },
        { Pattern: JSON.stringify({ dynamodb: { Keys: { partition: { S: ['generations'] }, sort: { S: ['active'] } } } }) },
      ],
    },
  });
  const sockets = propertiesOf(full, 'AWS::ApiGatewayV2::Route').filter(({ RouteKey }) => RouteKey.startsWith('$'));
  expect(sockets.map(({ RouteKey, Target }) => [RouteKey, Target])).toEqual(
    ['$connect', '$disconnect'].map((key) => [key, { 'Fn::Sub': `integrations/\${LiveIntegration}` }]),
  );
  const statementsOf = (role: string) => full.resources[role]?.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement) ?? [];
  const manages = ['LiveRole', 'LiveConnectRole', 'LivePushRole'].filter((role) => JSON.stringify(statementsOf(role)).includes('execute-api'));
  expect(manages).toEqual(['LivePushRole']);
  const arn = `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${LiveApi}/live`;
  expect(statementsOf('LivePushRole').find(({ Action }) => Action === 'execute-api:ManageConnections')?.Resource).toEqual([
    { 'Fn::Sub': `${arn}/POST/@connections/*` },
    { 'Fn::Sub': `${arn}/DELETE/@connections/*` },
  ]);
  const variablesOf = (id: string) => full.resources[id]?.Properties.Environment.Variables;
  expect(variablesOf('PageLambdaFunction')?.LIVE_URL).toEqual(variablesOf('LiveLambdaFunction')?.LIVE_URL);
  // Its URL has a ticket.
  const [, stage] = full.ofType('AWS::ApiGatewayV2::Stage').find(([id]) => id === 'LiveStage') ?? [];
  expect(stage?.Properties.AccessLogSettings).toBeUndefined();
});

test('rawColdAfterDays: raw lines move to a colder class that is read at once', () => {
  const rules = JSON.stringify(full.resources.Lake?.Properties.LifecycleConfiguration);
  expect(rules).toContain('"Prefix":"raw/","Transitions":[{"StorageClass":"GLACIER_IR","TransitionInDays":"90"}]');
});
