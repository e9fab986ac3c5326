import { createRequire } from 'node:module';

// What a deploy refuses, warns of, and does step by step.

const load = createRequire(import.meta.url);
type Resolve = { resolveVariable: (name: string) => Promise<unknown> };
const { refuseLanes, refuseRetention, refuseStage, warnOfSilence } = load('../../resources/checks.cjs') as {
  refuseStage: (stage: string) => string | null;
  refuseLanes: (deployed: string | number | undefined, wanted: string | number) => string | null;
  refuseRetention: (hours: number, seconds: number[]) => string | null;
  warnOfSilence: (of: { stage: string; keepsData: boolean; alarmEmail: string }) => string | null;
};
const { concurrencyAdvice, concurrencyNeeded } = load('../../resources/quotas.cjs') as {
  concurrencyNeeded: (functions: object, shards: number) => number;
  concurrencyAdvice: (of: { quota: number; needed: number; region: string }) => string | null;
};
const { stepsTo } = load('../../resources/shards.cjs') as { stepsTo: (from: number, to: number) => number[] };
const http = load('../../resources/http.cjs') as Record<string, (context: Resolve) => Promise<unknown>>;
const functions = load('../../resources/functions.cjs') as typeof http;
const search = load('../../resources/search.cjs') as (context: Resolve) => Promise<{ resources: { Resources: Record<string, { Properties: object }> } }>;

const NONE = {
  domain: 'none',
  domainCertificate: 'none',
  domainZone: 'none',
  corsOrigins: 'none',
  jwtIssuer: 'none',
  jwtAudience: 'none',
  jwtFor: 'read',
  jwtScopes: 'none',
  vpcSubnets: 'none',
  vpcSecurityGroups: 'none',
  tags: 'none',
  kmsKey: 'none',
  search: 'domain',
  searchService: 'basic',
  searchInstance: 't3.small.search',
  searchNodes: '1',
  searchVolumeGb: '10',
  whenRemoved: 'Delete',
};
const set = (changed: Partial<typeof NONE>): Resolve => ({
  resolveVariable: async (name) =>
    ({ 'self:service': 'shop', 'sls:stage': 'dev' })[name] ?? { ...NONE, ...changed }[name.replace('param:', '') as keyof typeof NONE],
});

test.each([
  ['local', 'which is this machine'],
  ['Prod', 'lower-case letters'],
  ['a-b', 'lower-case letters'],
  ['dev', null],
])('stage %s', (stage, refused) => {
  if (refused === null) expect(refuseStage(stage)).toBeNull();
  else expect(refuseStage(stage)).toContain(refused);
});

test.each([
  [24, [82_800], null],
  [168, [594_000, 594_000], null],
  [200, [594_000], 'logKeptHours: Expected 24 to 168'],
  [12, [3_600], 'logKeptHours: Expected 24 to 168'],
  [24, [86_400], 'expiringAfterSeconds: Expected less than the 86400 s'],
  [24, [-1], 'expiringAfterSeconds: Expected less than the 86400 s'],
])('a log of %i hours whose consumers discard records after %j s', (hours, seconds, refused) => {
  if (refused === null) expect(refuseRetention(hours, seconds)).toBeNull();
  else expect(refuseRetention(hours, seconds)).toContain(refused);
});

test('a stage that keeps its data and alarms nobody is worth a warning', () => {
  expect(warnOfSilence({ stage: 'prod', keepsData: true, alarmEmail: '' })).toMatch(/Nobody gets the alarms of prod: set alarmEmail/);
  expect(warnOfSilence({ stage: 'prod', keepsData: true, alarmEmail: 'a@b.example' })).toBeNull();
  expect(warnOfSilence({ stage: 'dev', keepsData: false, alarmEmail: '' })).toBeNull();
});

test.each([
  [1, 1, []],
  [1, 2, []],
  [1, 4, [2]],
  [1, 16, [2, 4, 8]],
  [3, 16, [6, 12]],
  [16, 1, [8, 4, 2]],
  [5, 3, []],
  [5, 2, [3]],
])('from %i to %i shards by steps that Kinesis takes', (from, to, steps) => {
  expect(stepsTo(from, to)).toEqual(steps);
  // Each step, and the last one, which CloudFormation takes, at most doubles or halves.
  for (const [i, count] of [...steps, to].entries()) {
    const before = steps[i - 1] ?? from;
    expect(count <= 2 * before && count >= Math.ceil(before / 2)).toBe(true);
  }
});

test('the concurrency that consumers need at least, and what to ask for if the account has less', () => {
  const stream = (type: string) => ({ events: [{ stream: { type } }] });
  const needed = concurrencyNeeded({ a: stream('kinesis'), b: stream('kinesis'), c: stream('kinesis'), d: stream('dynamodb'), e: {} }, 4);
  expect(needed).toBe(13);
  const region = 'eu-central-1';
  expect(concurrencyAdvice({ quota: 10, needed, region })).toMatch(
    /may run 10 functions at a time in eu-central-1, fewer than the 13 .*\n.*--quota-code L-B99A9384 --desired-value 1000 --region eu-central-1$/s,
  );
  expect(concurrencyAdvice({ quota: 50, needed, region })).toContain("of which this stage's consumers take 13");
  expect(concurrencyAdvice({ quota: 1_000, needed, region })).toBeNull();
});

test.each<[keyof typeof http, Partial<typeof NONE>, string]>([
  ['domain', { domain: 'https://events.example.com' }, "domain: Expected none or a name such as events.example.com, got 'https://"],
  ['domain', { domain: 'events.example.com' }, 'domainCertificate: Expected the ARN'],
  ['cors', { corsOrigins: 'shop.example' }, 'corsOrigins: Expected none, * or origins'],
  ['authorizers', { jwtIssuer: 'accounts.example.com', jwtAudience: 'a' }, 'jwtIssuer: Expected none or the https:// URL'],
  ['authorizers', { jwtIssuer: 'https://accounts.example.com' }, 'jwtAudience: Expected'],
  ['read', { jwtIssuer: 'https://accounts.example.com', jwtAudience: 'a', jwtFor: 'reading' }, 'jwtFor: Expected some of write,read,admin'],
])('http: %s refuses %j', async (name, changed, message) => {
  await expect(http[name]?.(set(changed))).rejects.toThrow(message);
});

test.each<[keyof typeof functions, Partial<typeof NONE>, string]>([
  ['tags', { tags: 'team' }, "tags: Expected none or pairs such as team=data,cost-center=42, got 'team'"],
  ['vpc', { vpcSubnets: 'subnet-1' }, 'vpcSecurityGroups: Expected'],
  ['key', { kmsKey: 'alias/mine' }, 'kmsKey: Expected none or the ARN'],
])('functions: %s refuses %j', async (name, changed, message) => {
  await expect(functions[name]?.(set(changed))).rejects.toThrow(message);
});

test.each([
  ['1', undefined],
  ['2', 2],
  ['3', 3],
  ['4', 2],
  ['6', 3],
])('%s search nodes are shared by %s zones', async (searchNodes, zones) => {
  const { resources } = await search(set({ searchNodes }));
  expect(resources.Resources.SearchDomain?.Properties).toMatchObject({
    ClusterConfig: zones === undefined ? { InstanceCount: 1 } : { ZoneAwarenessConfig: { AvailabilityZoneCount: zones } },
  });
});
test('search nodes that zones cannot share evenly are refused', async () => {
  await expect(search(set({ searchNodes: '5' }))).rejects.toThrow('searchNodes: Expected 1 or a multiple of 2 or 3');
});

test('given a stage that was deployed with another number of lanes, then the deploy is refused and says how to keep it', () => {
  expect(refuseLanes('8', 4096)).toBe(
    'lanes: Expected 8, which the stage was deployed with and cannot change, got 4096. Write lanes: 8 among its params in serverless.yml, or --param="lanes=8"',
  );
  expect([refuseLanes('8', 8), refuseLanes(4096, '4096'), refuseLanes(undefined, 4096)]).toEqual([null, null, null]);
});
