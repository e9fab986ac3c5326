import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from './alone.ts';
import { cachedPackage } from './package-cache.ts';

const root = process.cwd();
const ENDS_WITHIN_MS = 300_000;
const LOCK = join(root, 'node_modules/.cache/twinstream/packaging.lock');

/** `npx sls …args`, as a user types it; answers what it printed: results to standard output, messages to standard error. */
export const sls = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ stdout: string; stderr: string }> =>
  // Whatever --package says, the framework first writes into .serverless, and moves it from there.
  args[0] === 'package' ? alone(LOCK, ENDS_WITHIN_MS, () => spawned(args, env)) : spawned(args, env);
const spawned = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ stdout: string; stderr: string }> =>
  new Promise((resolve, reject) => {
    const { PIPELINE: _, ...outer } = process.env;
    const child = execFile(
      process.execPath,
      [join(root, 'node_modules/serverless/scripts/serverless.js'), ...args],
      {
        cwd: root,
        env: { ...outer, INIT_CWD: root, SLS_WORK_FOLDER: `node_modules/.cache/twinstream/sls-${process.pid}`, ...env },
        maxBuffer: 1 << 26,
        timeout: ENDS_WITHIN_MS,
        killSignal: 'SIGKILL',
      },
      (cause, stdout, stderr) =>
        cause === null ? resolve({ stdout, stderr }) : reject(new Error(`sls ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause })),
    );
    child.stdin?.end();
  });

/** A value that CloudFormation takes from another resource. */
interface GetAtt {
  readonly 'Fn::GetAtt': readonly [resource: string, attribute: string];
}
/** A statement of a role's policy. */
export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}
/** The properties of resources that tests look into; each type has some of them. */
interface Properties {
  readonly [name: string]: unknown;
  readonly RouteKey: string;
  readonly Target: { readonly 'Fn::Join': readonly [string, readonly [string, { readonly Ref: string }]] };
  readonly AccessLogSettings: { readonly Format: string };
  readonly RouteSettings: Readonly<Record<string, unknown>>;
  readonly Policies: readonly { readonly PolicyName: string; readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
  readonly TableInput: { readonly Name: string };
  readonly RetentionPeriodHours: number;
  readonly EventSourceArn: GetAtt;
  readonly MaximumRecordAgeInSeconds: number;
  readonly DestinationConfig: { readonly OnFailure: { readonly Destination: GetAtt } };
  readonly FunctionName: string;
  readonly Role: GetAtt;
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}
/** A resource of a compiled CloudFormation template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: string | readonly string[];
  readonly UpdateReplacePolicy?: string;
}
export interface Packaged {
  readonly folder: string;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Those of one type, by logical id. */
  ofType(type: string): readonly (readonly [id: string, resource: Resource])[];
}
export interface Bundled extends Packaged {
  zip(name: string): Buffer;
}

/** The stage that most suites look at; the same settings, so that it is packaged once. */
export const PROD = { search: 'domain', searchNodes: '2' } as const;

/** Every setting that a stage may add, at once, so that it is packaged once. */
export const EVERYTHING = {
  ...PROD,
  alarmEmail: 'somebody@example.com',
  live: 'true',
  domain: 'events.example.com',
  domainCertificate: 'arn:aws:acm:eu-central-1:000000000000:certificate/12345678-1234-1234-1234-123456789012',
  domainZone: 'Z0123456789ABCDEFGHIJ',
  corsOrigins: 'https://shop.example, https://admin.shop.example',
  jwtIssuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf',
  jwtAudience: 'app-client-1,app-client-2',
  jwtScopes: 'twinstream/read',
  vpcSubnets: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  vpcSecurityGroups: 'sg-0123456789abcdef0',
  tags: 'team=data,cost-center=42',
  kmsKey: 'arn:aws:kms:eu-central-1:000000000000:key/12345678-1234-1234-1234-123456789012',
  systemLogLevel: 'DEBUG',
  provisionedIngest: '2',
  provisionedQuery: '1',
  provisionedAuthorize: '1',
  rawColdAfterDays: '90',
} as const;

/** Bundling takes most of a packaging's time, and no setting of a stage changes what a zip holds. */
export const UNBUNDLED = { NODE_OPTIONS: `--require ${JSON.stringify(join(root, 'test/support/unbundled.cjs'))}` };

type Params = Readonly<Record<string, string>>;
/** What `npx sls package` makes for a stage with these settings. The folder is shared with other suites: nobody writes into it. */
const packaged = async (stage: string, params: Params, env: Readonly<Record<string, string>>): Promise<Packaged> => {
  const args = ['package', '--stage', stage, ...Object.entries(params).map(([name, value]) => `--param=${name}=${value}`)];
  const folder = await cachedPackage([...args, ...Object.keys(env)], async (into) => void (await sls([...args, '--package', into], env)));
  const template = JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
  const resources: Packaged['resources'] = template.Resources;
  return { folder, resources, conditions: template.Conditions, ofType: (type) => Object.entries(resources).filter(([, resource]) => resource.Type === type) };
};

/** A stage's compiled template. */
export const templateOf = (stage: string, params: Params): Promise<Packaged> => packaged(stage, params, UNBUNDLED);

/** A stage's template and zips. */
export const packageStage = async (stage: string, params: Params): Promise<Bundled> => {
  const made = await packaged(stage, params, {});
  return { ...made, zip: (name) => readFileSync(join(made.folder, `${name}.zip`)) };
};
