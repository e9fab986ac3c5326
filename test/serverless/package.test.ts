import { lakeTables } from '../../shared/adapters/aws/athena-tables.ts';
import { ROUTES } from '../../shared/api/routes.ts';
import { linkKey } from '../../shared/storage/lake.ts';
import { type Packaged, PROD, type Resource, type Statement, templateOf } from '../support/sls.ts';

// What `sls deploy` would create, held against the code that relies on it.

let prod: Packaged;
let dev: Packaged;
beforeAll(async () => {
  prod = await templateOf('prod', PROD);
  dev = await templateOf('dev', {});
});

describe('routes', () => {
  const targetOf = ({ Properties: { Target } }: Resource): string => Target['Fn::Join'][1][1].Ref.replace('HttpApiIntegration', '');

  test('are those of ROUTES, each with its function; only those for anybody have no authorizer', () => {
    const deployed = prod.ofType('AWS::ApiGatewayV2::Route').map(([, resource]) => ({
      key: resource.Properties.RouteKey,
      function: targetOf(resource).toLowerCase(),
      isOpen: resource.Properties.AuthorizationType === undefined,
    }));
    // Only with `live`: options.test.ts.
    const expected = ROUTES.filter(({ function: name }) => !['stats', 'live'].includes(name)).map(({ key, function: name, scope }) => ({
      key,
      function: name,
      isOpen: scope === null,
    }));
    // Of what anybody may ask, HEAD may be a route too; it is answered as its GET.
    const heads = expected.filter(({ key, isOpen }) => isOpen && key === 'GET /health').map((route) => ({ ...route, key: route.key.replace('GET', 'HEAD') }));
    const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
    expect(deployed.sort(byKey)).toEqual([...expected, ...heads].sort(byKey));
  });

  test('are authorized for one token on one route, so that a cached answer never opens another', () => {
    const [[, authorizer]] = prod.ofType('AWS::ApiGatewayV2::Authorizer') as [[string, Resource]];
    expect(authorizer.Properties.IdentitySource).toEqual(['$request.header.Authorization', '$context.routeKey']);
    expect(authorizer.Properties).toMatchObject({ AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true });
  });

  test('are throttled, and their calls are logged', () => {
    const [[, stage]] = prod.ofType('AWS::ApiGatewayV2::Stage') as [[string, Resource]];
    expect(stage.Properties.DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 4000 });
    expect(stage.Properties.AccessLogSettings.Format).not.toMatch(/authorization/i);
  });

  test('that anybody may call are throttled by themselves, once they exist', () => {
    const [[, stage]] = prod.ofType('AWS::ApiGatewayV2::Stage') as [[string, Resource]];
    const open = prod.ofType('AWS::ApiGatewayV2::Route').filter(([, { Properties }]) => Properties.AuthorizationType === undefined);
    expect(Object.keys(stage.Properties.RouteSettings).sort()).toEqual(open.map(([, { Properties }]) => Properties.RouteKey).sort());
    // A page loads several files at once.
    const limitOf = (key: string) =>
      /^GET \/(assets|$)/.test(key) ? { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 } : { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 };
    for (const [key, settings] of Object.entries(stage.Properties.RouteSettings)) expect([key, settings]).toEqual([key, limitOf(key)]);
    expect(stage.DependsOn).toEqual(expect.arrayContaining(open.map(([id]) => id)));
  });
});

describe('the lake', () => {
  /** A template's text, with the bucket in place of what refers to it. */
  const resolved = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (_, inner) => {
        if (typeof inner === 'object' && inner !== null && 'Fn::Sub' in inner)
          return (inner['Fn::Sub'] as string).replaceAll(/\$\{Lake\}/g, 'a-bucket').replaceAll('{!', '{');
        return inner;
      }),
    );

  test('has the very tables that the Athena adapter reads', () => {
    const tables = prod.ofType('AWS::Glue::Table').map(([, { Properties }]) => resolved(Properties.TableInput) as { Name: string });
    for (const table of lakeTables('a-bucket')) expect(tables.find(({ Name }) => Name === table.Name)).toEqual(table);
  });

  test('has tables over the batch views of each metric, without partitions, which not every tool could find', () => {
    const tables = new Map(prod.ofType('AWS::Glue::Table').map(([, { Properties }]) => [Properties.TableInput.Name, resolved(Properties.TableInput)]));
    expect([...tables.keys()].filter((name) => name.startsWith('batch_')).sort()).toEqual(
      ['edits', 'newcomers'].flatMap((metric) => ['1d', '1h', '1m'].map((size) => `batch_${metric}_${size}`)),
    );
    const names = ['edits', 'added', 'deleted', 'editors', 'size', 'pages'];
    const COLUMNS = [
      ['window_start', 'string'],
      ['group_key', 'string'],
      ['group_events', 'bigint'],
      ['channel', 'string'],
      ['robot', 'boolean'],
      ['namespace', 'string'],
      ...names.slice(0, 3).map((name) => [name, 'bigint']),
      ...names.map((name) => [`_${name}`, 'string']),
    ];
    expect(tables.get('batch_edits_1h')).toMatchObject({
      PartitionKeys: [],
      StorageDescriptor: {
        Columns: COLUMNS.map(([Name, Type]) => ({ Name, Type })),
        Location: `s3://a-bucket/${linkKey('edits', '1h').replace('files.txt', '')}`,
        InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
      },
    });
  });

  test('limits what a query may read, and says where results go', () => {
    const [[, workgroup]] = prod.ofType('AWS::Athena::WorkGroup') as [[string, Resource]];
    expect(workgroup.Properties.WorkGroupConfiguration).toMatchObject({ EnforceWorkGroupConfiguration: true, BytesScannedCutoffPerQuery: 1_099_511_627_776 });
  });
});

describe('the consumers of the streams', () => {
  test('read them from their start, in order, until they succeed', () => {
    const mappings = prod.ofType('AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(4);
    for (const [, { Properties }] of mappings) {
      expect(Properties).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        ParallelizationFactor: 1,
        MaximumRetryAttempts: -1,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
    }
    const destinations = mappings.map(([id, { Properties }]) => [
      id.replace(/EventSource.*/, ''),
      Properties.DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0],
    ]);
    // Nothing but the log has what the archive discards: Lambda writes it to the lake with its data.
    expect(Object.fromEntries(destinations)).toEqual({
      Aggregate: 'AggregateDeadLetters',
      Archive: 'Lake',
      Materialize: 'MaterializeDeadLetters',
      IndexDashentities: 'IndexEntitiesDeadLetters',
    });
    expect(prod.resources.ArchiveEventSourceMappingKinesisLog?.Properties.MetricsConfig).toEqual({ Metrics: ['EventCount'] });
  });

  test.each(['dev', 'prod'])('give records of %s up only when their stream is about to drop them', (stage) => {
    const packaged = stage === 'dev' ? dev : prod;
    const logSeconds = (packaged.resources.Log?.Properties.RetentionPeriodHours ?? Number.NaN) * 3_600;
    for (const [, { Properties }] of packaged.ofType('AWS::Lambda::EventSourceMapping')) {
      // DynamoDB keeps changes for a day, whatever is asked.
      const keptSeconds = Properties.EventSourceArn['Fn::GetAtt'][0] === 'Entities' ? 86_400 : logSeconds;
      expect(Properties.MaximumRecordAgeInSeconds).toBeLessThan(keptSeconds);
      expect(Properties.MaximumRecordAgeInSeconds).toBeGreaterThan(keptSeconds * 0.9);
    }
  });
});

test('the dashboard has the region in its name, since dashboards are global to an account, and can be left out', () => {
  const [[, dashboard]] = prod.ofType('AWS::CloudWatch::Dashboard') as [[string, Resource]];
  expect(dashboard.Properties.DashboardName).toEqual({ 'Fn::Sub': expect.stringContaining('AWS::Region') });
  expect(dashboard.Condition).toBe('HasDashboard');
  expect(prod.conditions.HasDashboard).toEqual({ 'Fn::Equals': ['true', 'true'] });
});

test('runs that start the next one are not taken for a loop', () => {
  const allowed = prod.ofType('AWS::Lambda::Function').filter(([, { Properties }]) => Properties.RecursiveLoop === 'Allow');
  expect(allowed.map(([id]) => id).sort()).toEqual(['RecomputeLambdaFunction', 'ReindexLambdaFunction']);
});

describe('data', () => {
  const DATA = ['Log', 'Cells', 'Entities', 'Lake'];

  test('outlives a removed stage in prod, and a change that would replace what holds it', () => {
    for (const id of DATA) expect(prod.resources[id]).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(prod.resources.Cells?.Properties.DeletionProtectionEnabled).toBe(true);
  });

  test('goes with a stage that is thrown away', () => {
    for (const id of DATA) expect(dev.resources[id]).toMatchObject({ DeletionPolicy: 'Delete' });
    // But for the bucket's policy, which denies writes until the bucket is gone.
    expect(dev.resources.LakePolicy).toMatchObject({ DeletionPolicy: 'Retain' });
  });
});

describe('permissions', () => {
  const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  const statements = (): { role: string; statement: Statement }[] =>
    prod
      .ofType('AWS::IAM::Role')
      .flatMap(([role, { Properties }]) =>
        Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map((statement) => ({ role, statement }))),
      );

  test('are named one by one, on resources that are named', () => {
    expect(statements().length).toBeGreaterThan(20);
    for (const { statement } of statements()) {
      for (const action of asList(statement.Action)) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
      for (const resource of asList(statement.Resource)) expect(resource).not.toBe('*');
    }
  });

  test("include Glue's default database, which Athena looks up", () => {
    const asking = ['ExplainRole', 'RecomputeRole'];
    const glue = statements().filter(({ role, statement }) => asking.includes(role) && JSON.stringify(statement.Resource).includes('database/default'));
    expect(glue.map(({ statement }) => statement.Action)).toEqual(['glue:GetDatabase', 'glue:GetDatabase']);
  });

  test('are a role for each function', () => {
    const functions = prod.ofType('AWS::Lambda::Function');
    const roles = functions.map(([, { Properties }]) => Properties.Role['Fn::GetAtt'][0]);
    expect(new Set(roles).size).toBe(functions.length);
    const small = (names: readonly string[]) => names.map((name) => name.replace('Dash', '').toLowerCase()).sort();
    expect(small(functions.map(([id]) => id.replace('LambdaFunction', 'Role')))).toEqual(small(roles));
  });
});
