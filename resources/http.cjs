// What a stage may add to its HTTP API: CORS, a JWT authorizer, a domain of its own.
const { expect, listOf } = require('./settings.cjs');

const SCOPES = ['write', 'read', 'admin'];
const TOKENS = {
  type: 'request',
  functionName: 'authorize',
  payloadVersion: '2.0',
  enableSimpleResponses: true,
  // A decision is cached for one token on one route: scopes differ by route.
  identitySource: ['$request.header.Authorization', '$context.routeKey'],
  resultTtlInSeconds: 60,
};

const jwtOf = async (param) => {
  const [issuer, audience, scopes] = [String(await param('jwtIssuer')), listOf(await param('jwtAudience')), listOf(await param('jwtFor'))];
  if (issuer === 'none') return { issuer: null, audience, scopes: [] };
  expect(/^https:\/\//.test(issuer), 'jwtIssuer', 'none or the https:// URL of an issuer', issuer);
  expect(audience.length > 0, 'jwtAudience', 'the audiences (of Cognito: app client ids) whose tokens are accepted', await param('jwtAudience'));
  expect(scopes.length > 0 && scopes.every((scope) => SCOPES.includes(scope)), 'jwtFor', `some of ${SCOPES.join(',')}`, await param('jwtFor'));
  return { issuer, audience, scopes };
};

/** One authorizer a route: calls of the scopes in `jwtFor` bring a JWT, all others a token of Twinstream's. */
const authorizerOf =
  (scope) =>
  async ({ resolveVariable }) => {
    const param = (name) => resolveVariable(`param:${name}`);
    const { scopes } = await jwtOf(param);
    if (!scopes.includes(scope)) return { name: 'tokens' };
    const claims = listOf(await param('jwtScopes'));
    return { name: 'jwt', ...(claims.length > 0 ? { scopes: claims } : {}) };
  };
for (const scope of SCOPES) exports[scope] = authorizerOf(scope);

exports.authorizers = async ({ resolveVariable }) => {
  const { issuer, audience } = await jwtOf((name) => resolveVariable(`param:${name}`));
  if (issuer === null) return { tokens: TOKENS };
  return { tokens: TOKENS, jwt: { type: 'jwt', identitySource: '$request.header.Authorization', issuerUrl: issuer, audience } };
};

/** The API answers preflights itself, before any authorizer. */
exports.cors = async ({ resolveVariable }) => {
  const origins = listOf(await resolveVariable('param:corsOrigins'));
  if (origins.length === 0) return null;
  for (const origin of origins) expect(/^(\*|https?:\/\/[^/]+)$/.test(origin), 'corsOrigins', 'none, * or origins such as https://shop.example', origin);
  return {
    allowedOrigins: origins,
    allowedMethods: ['GET', 'POST', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'content-encoding', 'idempotency-key', 'if-none-match', 'accept'],
    exposedResponseHeaders: ['etag', 'location', 'retry-after', 'link'],
    maxAge: 600,
  };
};

exports.domain = async ({ resolveVariable }) => {
  const param = async (name) => String(await resolveVariable(`param:${name}`));
  const [domain, certificate, zone] = [await param('domain'), await param('domainCertificate'), await param('domainZone')];
  if (domain === 'none') return {};
  expect(/^[a-z0-9*][a-z0-9.-]+\.[a-z]+$/.test(domain), 'domain', 'none or a name such as events.example.com', domain);
  expect(/^arn:/.test(certificate), 'domainCertificate', "the ARN of an ACM certificate for the domain, in the stage's region", certificate);
  const attribute = (name) => ({ 'Fn::GetAtt': ['ApiDomain', name] });
  const record = {
    Type: 'AWS::Route53::RecordSet',
    Properties: {
      Name: domain,
      Type: 'A',
      HostedZoneId: zone,
      AliasTarget: { DNSName: attribute('RegionalDomainName'), HostedZoneId: attribute('RegionalHostedZoneId') },
    },
  };
  return {
    Resources: {
      ApiDomain: {
        Type: 'AWS::ApiGatewayV2::DomainName',
        Properties: {
          DomainName: domain,
          DomainNameConfigurations: [{ CertificateArn: certificate, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' }],
        },
      },
      ApiDomainMapping: {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        Properties: { ApiId: { Ref: 'HttpApi' }, DomainName: { Ref: 'ApiDomain' }, Stage: { Ref: 'HttpApiStage' } },
      },
      ...(zone === 'none' ? {} : { ApiDomainRecord: record }),
    },
    Outputs: {
      ApiDomainUrl: { Description: 'The URL of the domain of its own', Value: `https://${domain}` },
      ApiDomainTarget: { Description: 'What a CNAME of the domain points to, unless domainZone is set', Value: attribute('RegionalDomainName') },
    },
  };
};
