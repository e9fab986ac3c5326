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
 * The tables that the Athena adapter reads, over a lake's bucket; resources/glue.yml has the same. Partitions are
 * projected, so they are never registered, and injected: each query names the partitions that it reads. A range would
 * give no rows, and no error, for a partition outside of it
 * (docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html).
 * `raw`: archived lines by epoch, as text like 20261121T100000Z. `events`: what parseSql wrote.
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
    Name: 'events',
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      EXTERNAL: 'TRUE',
      'projection.enabled': 'true',
      'projection.run.type': 'injected',
      'projection.type.type': 'injected',
      'projection.day.type': 'injected',
      'storage.location.template': `s3://${bucket}/events/run=\${run}/type=\${type}/day=\${day}/`,
    },
    PartitionKeys: columns({ run: 'string', type: 'string', day: 'string' }),
    StorageDescriptor: {
      Columns: columns({
        epoch: 'bigint',
        shard: 'string',
        seq: 'string',
        line: 'bigint',
        source: 'string',
        id: 'string',
        subject: 'string',
        time: 'string',
        data: 'string',
        repeated: 'boolean',
      }),
      Location: `s3://${bucket}/events/`,
      ...PARQUET,
    },
  },
];
