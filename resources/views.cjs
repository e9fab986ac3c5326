// Tables over the batch views of each metric of the pipeline, for Athena, Redshift Spectrum and QuickSight: batch_{metric}_{window size}.
// Each holds links (shared/batch/view-links.ts) to the files of the active generation. They have no partitions, because only
// Athena can project them; other tools would find none.
const { glueTable } = require('./glue-table.cjs');
const { loadPipeline } = require('./load-pipeline.cjs');

const metrics = () => {
  const { pipeline, batchSizes, viewColumns } = loadPipeline();
  return Object.values(pipeline.metrics).map(({ name, definition }) => ({
    name,
    sizes: batchSizes(definition.window),
    columns: viewColumns(definition),
  }));
};

const TYPES = { VARCHAR: 'string', BIGINT: 'bigint', DOUBLE: 'double', BOOLEAN: 'boolean' };

const table = ({ name, columns }, size) =>
  glueTable({
    Name: `batch_${name.toLowerCase()}_${size}`,
    Description: `Batch views of the metric ${name}, in windows of ${size}`,
    TableType: 'EXTERNAL_TABLE',
    Parameters: { EXTERNAL: 'TRUE' },
    PartitionKeys: [],
    StorageDescriptor: {
      Columns: columns.map(({ name, type, comment }) => ({ Name: name, Type: TYPES[type], Comment: comment })),
      Location: { 'Fn::Sub': `s3://\${Lake}/links/metric=${name}/window_size=${size}/` },
      InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  });

// Logical ids are letters and digits only.
const idOf = ({ name }, size) => `Batch${name.replaceAll('_', 'U95')}${size}Table`;
module.exports = () => ({
  Resources: Object.fromEntries(metrics().flatMap((metric) => metric.sizes.map((size) => [idOf(metric, size), table(metric, size)]))),
});
