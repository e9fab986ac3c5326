// What a deploy of Twinstream needs beyond the Serverless Framework's own steps.
const { join } = require('node:path');
const { attach } = require('./attach.cjs');
const { missingPackages } = require('./bundling.cjs');
const { refuseLanes, refuseRetention, refuseStage, warnOfSilence } = require('./checks.cjs');
const { dropEntities, fanOut } = require('./consumers.cjs');
const { encrypt } = require('./encryption.cjs');
const { chooseLive } = require('./live.cjs');
const { loadPipeline } = require('./load-pipeline.cjs');
const { concurrencyAdvice, concurrencyNeeded } = require('./quotas.cjs');
const { emptyForGood } = require('./removal.cjs');
const { approachShards } = require('./shards.cjs');

const SHARDS_ON_DEMAND = 4;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

module.exports = (serverless, { log }) => {
  const provider = serverless.getProvider('aws');
  const stage = () => provider.getStage();
  const ours = () => serverless.service.resources.Resources;
  const refuse = (message) => {
    if (message !== null) throw new serverless.classes.Error(message);
  };
  const warn = (message) => {
    if (message !== null) log.warning(message);
  };
  const clientOf = async (Client) => new Client(await provider.getAwsSdkV3Config());

  const checkPackages = () => {
    const missing = missingPackages();
    refuse(missing.length === 0 ? null : `Expected the packages that a deploy bundles, some are not installed: npm i -D ${missing.join(' ')}`);
  };

  const checkSettings = () => {
    const { functions } = serverless.service;
    const streams = Object.values(functions).flatMap(({ events = [] }) => events.flatMap(({ stream }) => (stream?.type === 'kinesis' ? [stream] : [])));
    refuse(
      refuseRetention(
        Number(ours().Log.Properties.RetentionPeriodHours),
        streams.map(({ maximumRecordAgeInSeconds }) => Number(maximumRecordAgeInSeconds)),
      ),
    );
    const alarmEmail = ours().AlarmEmail.Properties.Endpoint;
    warn(warnOfSilence({ stage: stage(), keepsData: ours().Lake.DeletionPolicy === 'Retain', alarmEmail }));
  };

  /** The physical id of one of the stack's resources; undefined if it has none, or if there is no stack yet. */
  const physicalId = async (logicalId) => {
    const resources = await provider.getStackResources().catch((error) => {
      if (/does not exist/.test(error.message)) return [];
      throw error;
    });
    return resources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId)?.PhysicalResourceId;
  };

  const isDenied = ({ name }) => /AccessDenied|NotAuthorized|UnauthorizedOperation/.test(name);
  /** What only the account says. Who cannot ask deploys all the same. */
  const ifPossible = async (what, work, isExpected) => {
    try {
      await work();
    } catch (error) {
      if (!isExpected(error)) throw error;
      log.warning(`${what} could not be checked: ${error.message}`);
    }
  };
  const checkQuota = () =>
    ifPossible(
      "The account's quota of concurrent functions",
      async () => {
        const { GetAccountSettingsCommand, LambdaClient } = require('@aws-sdk/client-lambda');
        const { AccountLimit } = await (await clientOf(LambdaClient)).send(new GetAccountSettingsCommand({}));
        const quota = AccountLimit?.ConcurrentExecutions;
        if (quota === undefined) return;
        const needed = concurrencyNeeded(serverless.service.functions, targetShards() ?? SHARDS_ON_DEMAND);
        warn(concurrencyAdvice({ quota, needed, region: provider.getRegion() }));
      },
      () => true, // it is advice
    );

  /** The shards that a template asks for; null on demand. */
  const shardsOf = ({ Log }) => {
    const { StreamModeDetails, ShardCount } = Log.Properties;
    return StreamModeDetails.StreamMode === 'ON_DEMAND' ? null : Number(ShardCount['Fn::If'][2]);
  };
  const targetShards = () => shardsOf(ours());
  /** What CloudFormation was given at the last deploy. */
  const deployedTemplate = async () => {
    // The framework has the client; it need not be where this file is.
    const { GetTemplateCommand } = require.main.require('@aws-sdk/client-cloudformation');
    const client = await provider.getCloudFormationClient();
    const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName: provider.naming.getStackName(), TemplateStage: 'Original' }));
    return JSON.parse(TemplateBody);
  };
  const checkLanes = () =>
    ifPossible(
      'The number of lanes of the last deploy',
      async () => {
        if ((await physicalId('Log')) === undefined) return;
        const { Resources } = await deployedTemplate();
        refuse(refuseLanes(Resources.IngestLambdaFunction?.Properties.Environment?.Variables?.LANES, serverless.service.provider.environment.LANES));
      },
      isDenied,
    );
  const changeShards = () =>
    ifPossible(
      "The log's number of shards",
      async () => {
        const [stream, target] = [await physicalId('Log'), targetShards()];
        // If the deploy changes nothing, shards that somebody added by hand stay.
        if (stream === undefined || target === null || target === shardsOf((await deployedTemplate()).Resources)) return;
        const { KinesisClient } = require('@aws-sdk/client-kinesis');
        const client = await clientOf(KinesisClient);
        await approachShards({ client, stream, target, say: (text) => log.notice(text), sleep });
      },
      isDenied,
    );

  /** A metric with a new definition is answered once a generation has it, an entity with a new definition once its index has it. */
  const startRebuilds = async () => {
    const { InvokeCommand, LambdaClient } = require('@aws-sdk/client-lambda');
    const client = await clientOf(LambdaClient);
    for (const name of ['recompute', 'reindex'].filter((one) => serverless.service.functions[one] !== undefined))
      await client.send(new InvokeCommand({ FunctionName: `${serverless.service.service}-${stage()}-${name}`, InvocationType: 'Event', Payload: '{}' }));
  };

  /** If data should outlive the stage, the bucket is retained. */
  const emptyLake = async () => {
    if (ours().Lake.DeletionPolicy !== 'Delete') return;
    const bucket = await physicalId('Lake');
    if (bucket === undefined) return;
    log.notice(`Removing everything in ${bucket}`);
    const { S3Client } = require('@aws-sdk/client-s3');
    const { partition } = await provider.getAccountInfo();
    await emptyForGood({ client: await clientOf(S3Client), bucket, partition });
  };

  /** A stage without search has no functions that keep an index, and none of their resources. */
  const dropSearch = () => {
    const { functions } = serverless.service;
    if (functions['index-entities'].environment?.SEARCH_ENDPOINT !== undefined) return;
    delete functions['index-entities'];
    delete functions.reindex;
    for (const id of Object.keys(ours())) if (/^(IndexEntities|Reindex)/.test(id)) delete ours()[id];
  };

  const chooseConsumers = () => {
    const { service } = serverless;
    if (Object.keys(loadPipeline().pipeline.entities).length === 0) dropEntities(service);
    if (String(service.custom.twinstream.fanOut) === 'true') fanOut(service, stage());
  };

  /** Example events are not part of anybody's data. */
  const chooseFolder = () => {
    if (stage() !== 'local') return;
    process.env.DATA_DIR ||= join(serverless.serviceDir, '.twinstream-invoke');
    log.notice(`Data folder: ${process.env.DATA_DIR} (DATA_DIR names another one)`);
  };

  return {
    'before:invoke:local:invoke': chooseFolder,
    'before:package:initialize': () => {
      dropSearch();
      chooseConsumers();
      chooseLive(serverless.service);
      attach(serverless.service);
      encrypt(serverless.service, provider.naming);
    },
    'before:package:cleanup': () => {
      refuse(refuseStage(stage()));
      checkPackages();
      checkSettings();
    },
    'before:deploy:deploy': async () => {
      await checkLanes();
      await checkQuota();
      await changeShards();
    },
    'after:deploy:deploy': startRebuilds,
    'before:remove:remove': emptyLake,
  };
};
