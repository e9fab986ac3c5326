import { FIELD_COLUMNS } from '../../sql/fields.ts';
import type { SqlType } from '../../sql/types.ts';

/** A Glue table as CloudFormation's `AWS::Glue::Table` TableInput has it, of which these parts are used. */
export interface GlueTable {
  readonly Name: string;
  readonly TableType: string;
  readonly Parameters: Readonly<Record<string, string>>;
  readonly PartitionKeys: readonly GlueColumn[];
  readonly StorageDescriptor: {
    readonly Columns: readonly GlueColumn[];
    readonly Location: string;
    readonly InputFormat: string;
    readonly OutputFormat: string;
    readonly SerdeInfo: { readonly SerializationLibrary: string; readonly Parameters?: Readonly<Record<string, string>> };
  };
}
export interface GlueColumn {
  readonly Name: string;
  readonly Type: string;
}

const columns = (of: Readonly<Record<string, string>>): GlueColumn[] => Object.entries(of).map(([Name, Type]) => ({ Name, Type }));
const TEXT = {
  InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  // Its default delimiter, \u0001, cannot occur in a line of JSON, so a line is one column.
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' },
};
const PARQUET = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

/**
 * The tables that the Athena adapter reads, over a lake's bucket; resources/lake-tables.cjs deploys them. Partitions are
 * projected, so they are never registered, and injected: each query names the partitions that it reads. A range would
 * give no rows, and no error, for a partition outside of it
 * (docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html).
 * `raw`: archived lines by epoch, as text like 20261121T100000Z. `lookups`: rows of reference data, by the SHA-256 of their text. `events`: parts of parsed events. `repeats`: those of them
 * whose id occurs twice; `side` is the run that wrote them, `run` that of their part.
 */
export const lakeTables = (bucket: string): readonly GlueTable[] => [
  {
    Name: 'raw',
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      EXTERNAL: 'TRUE',
      'projection.enabled': 'true',
      'projection.epoch.type': 'injected',
      'storage.location.template': `s3://${bucket}/raw/epoch=\${epoch}/`,
    },
    PartitionKeys: columns({ epoch: 'string' }),
    StorageDescriptor: { Columns: columns({ line: 'string' }), Location: `s3://${bucket}/raw/`, ...TEXT },
  },
  {
    Name: 'lookups',
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      EXTERNAL: 'TRUE',
      'projection.enabled': 'true',
      'projection.sha256.type': 'injected',
      'storage.location.template': `s3://${bucket}/lookups/sha256=\${sha256}/`,
    },
    PartitionKeys: columns({ sha256: 'string' }),
    StorageDescriptor: { Columns: columns({ line: 'string' }), Location: `s3://${bucket}/lookups/`, ...TEXT },
  },
  parsed('events', 'run', `s3://${bucket}/events/`, PART),
  parsed('repeats', 'side', `s3://${bucket}/repeats/`, { ...PART, repeated: 'boolean', nth: 'bigint' }),
];

const GLUE_TYPES: Readonly<Record<SqlType, string>> = { VARCHAR: 'string', BIGINT: 'bigint', DOUBLE: 'double', BOOLEAN: 'boolean' };
/** A part's columns; `run` is in its files, and the table of parts has it as its partition. */
const PART = {
  epoch: 'bigint',
  shard: 'string',
  seq: 'string',
  line: 'bigint',
  source: 'string',
  id: 'string',
  subject: 'string',
  time: 'string',
  data: 'string',
  ...Object.fromEntries(FIELD_COLUMNS.map(({ name, type }) => [name, GLUE_TYPES[type]])),
  type: 'string',
  day: 'string',
};
const parsed = (name: string, partition: string, location: string, of: Readonly<Record<string, string>>): GlueTable => ({
  Name: name,
  TableType: 'EXTERNAL_TABLE',
  Parameters: {
    EXTERNAL: 'TRUE',
    'projection.enabled': 'true',
    [`projection.${partition}.type`]: 'injected',
    'storage.location.template': `${location}run=\${${partition}}/`,
  },
  PartitionKeys: columns({ [partition]: 'string' }),
  StorageDescriptor: { Columns: columns(partition === 'run' ? of : { run: 'string', ...of }), Location: location, ...PARQUET },
});
