// What a deploy of Twinstream needs beyond the Serverless Framework's own steps.
const { join } = require('node:path');
const { missingPackages } = require('./bundling.cjs');
const { dropEntities, fanOut } = require('./consumers.cjs');
const { loadPipeline } = require('./load-pipeline.cjs');

module.exports = (serverless, { log }) => {
  const provider = serverless.getProvider('aws');
  const stage = () => provider.getStage();

  /** `local` means this machine; other names become part of names with a limited length. */
  const checkStage = () => {
    if (stage() === 'local' || !/^[a-z][a-z0-9]{0,15}$/.test(stage()))
      throw new serverless.classes.Error(
        `--stage: Expected 1 to 16 lower-case letters and digits, such as dev, test or prod, got '${stage()}'${stage() === 'local' ? ', which is this machine' : ''}`,
      );
  };

  const checkPackages = () => {
    const missing = missingPackages();
    if (missing.length > 0)
      throw new serverless.classes.Error(`Expected the packages that a deploy bundles, some are not installed: npm i -D ${missing.join(' ')}`);
  };

  /** A metric with a new definition is answered once a generation has it, an entity with a new definition once its index has it. */
  const startRebuilds = async () => {
    const { InvokeCommand, LambdaClient } = require('@aws-sdk/client-lambda');
    const client = new LambdaClient(await provider.getAwsSdkV3Config());
    for (const name of ['recompute', 'reindex'].filter((one) => serverless.service.functions[one] !== undefined))
      await client.send(new InvokeCommand({ FunctionName: `${serverless.service.service}-${stage()}-${name}`, InvocationType: 'Event', Payload: '{}' }));
  };

  /** CloudFormation cannot delete a bucket that is not empty. If data should outlive the stage, the bucket is retained. */
  const emptyLake = async () => {
    if (serverless.service.resources.Resources.Lake.DeletionPolicy !== 'Delete') return;
    const { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } = require('@aws-sdk/client-s3');
    const resources = await provider.getStackResources();
    const bucket = resources.find(({ LogicalResourceId }) => LogicalResourceId === 'Lake')?.PhysicalResourceId;
    if (bucket === undefined) return;
    log.notice(`Removing everything in ${bucket}`);
    const client = new S3Client(await provider.getAwsSdkV3Config());
    for (;;) {
      const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1000 }));
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (Objects.length === 0) return;
      const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects } }));
      if (Errors.length > 0) throw new serverless.classes.Error(`Expected ${bucket} to be emptied, got ${Errors[0].Code} for '${Errors[0].Key}'`);
    }
  };

  /** A stage without search has no functions that keep an index, and none of their resources. */
  const dropSearch = () => {
    const { functions, resources } = serverless.service;
    if (functions['index-entities'].environment?.SEARCH_ENDPOINT !== undefined) return;
    delete functions['index-entities'];
    delete functions.reindex;
    for (const id of Object.keys(resources.Resources)) if (/^(IndexEntities|Reindex)/.test(id)) delete resources.Resources[id];
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
    },
    'before:package:cleanup': () => {
      checkStage();
      checkPackages();
    },
    'after:deploy:deploy': startRebuilds,
    'before:remove:remove': emptyLake,
  };
};
