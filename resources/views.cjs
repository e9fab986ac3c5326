// A table over the batch views of each metric of the pipeline, for Athena, Redshift Spectrum and QuickSight: batch_{metric}.
// Its partitions hold links (shared/batch/view-links.ts) to the files of the active generation.
const Module = require('node:module');
const { resolve } = require('node:path');
const { buildSync } = require('esbuild');
const { path } = require('../scripts/pipeline-path.cjs');

const root = resolve(__dirname, '..');

const metrics = () => {
  const entry = `export { default as pipeline } from ${JSON.stringify(path)}; export { batchSizes } from './shared/domain/windows.ts'; export { stateColumn } from './shared/domain/sql/states.ts';`;
  const { outputFiles } = buildSync({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    alias: { twinstream: resolve(root, 'shared/pipeline.ts') },
    nodePaths: [resolve(root, 'node_modules')],
    logLevel: 'warning',
  });
  const bundled = new Module(path);
  bundled._compile(outputFiles[0].text, path);
  const { pipeline, batchSizes, stateColumn } = bundled.exports;
  return Object.values(pipeline.metrics).map(({ name, definition }) => ({
    name,
    sizes: batchSizes(definition.window),
    columns: definition.measures.map((measure) => stateColumn(measure.name)),
  }));
};

const column = (Name, Type, Comment) => ({ Name, Type, Comment });

const table = ({ name, sizes, columns }) => {
  const location = `links/metric=${name}/`;
  return {
    Type: 'AWS::Glue::Table',
    Properties: {
      CatalogId: { Ref: 'AWS::AccountId' },
      DatabaseName: { Ref: 'LakeDatabase' },
      TableInput: {
        Name: `batch_${name.toLowerCase()}`,
        Description: `Batch views of the metric ${name}. Name window_size and a range of window_day.`,
        TableType: 'EXTERNAL_TABLE',
        Parameters: {
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          'projection.window_size.type': 'enum',
          'projection.window_size.values': sizes.join(','),
          'projection.window_day.type': 'date',
          'projection.window_day.format': 'yyyy-MM-dd',
          'projection.window_day.range': '2000-01-01,NOW+2DAYS',
          'projection.window_day.interval': '1',
          'projection.window_day.interval.unit': 'DAYS',
          'storage.location.template': { 'Fn::Sub': `s3://\${Lake}/${location}window_size=\${!window_size}/window_day=\${!window_day}/` },
        },
        PartitionKeys: [column('window_size', 'string', sizes.join(', ')), column('window_day', 'string', 'YYYY-MM-DD, UTC')],
        StorageDescriptor: {
          Columns: [
            column('window_start', 'string', 'YYYY-MM-DDTHH:MM, UTC'),
            column('group_key', 'string', 'JSON array of the dimensions'),
            column('group_events', 'bigint', 'events'),
            ...columns.map((name) => column(name, 'string', 'mergeable state, JSON')),
          ],
          Location: { 'Fn::Sub': `s3://\${Lake}/${location}` },
          InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
          OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    },
  };
};

// Logical ids are letters and digits only.
module.exports = () => ({ Resources: Object.fromEntries(metrics().map((metric) => [`Batch${metric.name.replaceAll('_', 'U95')}Table`, table(metric)])) });
