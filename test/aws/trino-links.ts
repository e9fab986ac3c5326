import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GlueTable } from '../../shared/adapters/aws/athena-tables.ts';

export const isLinked = ({ StorageDescriptor }: GlueTable): boolean => StorageDescriptor.InputFormat.endsWith('.SymlinkTextInputFormat');

/**
 * Has a table of Trino read the files that text files at its location name, as Hive's SymlinkTextInputFormat does. Trino can
 * read such a table, and has no statement to make one, so it is written into the file that its metastore keeps of the table.
 */
export const linkTable = async (metastore: string, database: string, { Name, StorageDescriptor }: GlueTable): Promise<void> => {
  const folder = join(metastore, database, Name);
  const file = join(folder, '.trinoSchema');
  const { storageFormat: _, ...table } = JSON.parse(await readFile(file, 'utf8')) as { storageFormat: string };
  const { InputFormat: inputFormat, OutputFormat: outputFormat, SerdeInfo } = StorageDescriptor;
  await writeFile(file, JSON.stringify({ ...table, originalStorageFormat: { serde: SerdeInfo.SerializationLibrary, inputFormat, outputFormat } }));
  await rm(join(folder, '..trinoSchema.crc'), { force: true });
};
