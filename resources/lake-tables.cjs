// The tables that the batch layer reads: raw lines, parts of parsed events, their repeats. shared/adapters/aws/athena-tables.ts
// describes them.
const { glueTable } = require('./glue-table.cjs');
const { loadPipeline } = require('./load-pipeline.cjs');

const LAKE = `$\{Lake}`;
/** Athena's own placeholders stay as they are. */
const located = (text) => ({ 'Fn::Sub': text.replace(/\$\{(?!Lake\})/g, `$\{!`) });

const tableOf = ({ Parameters, StorageDescriptor, ...table }) =>
  glueTable({
    ...table,
    Parameters: { ...Parameters, 'storage.location.template': located(Parameters['storage.location.template']) },
    StorageDescriptor: { ...StorageDescriptor, Location: located(StorageDescriptor.Location) },
  });

const idOf = ({ Name }) => `${Name[0].toUpperCase()}${Name.slice(1)}Table`;
module.exports = () => ({
  Resources: Object.fromEntries(
    loadPipeline()
      .lakeTables(LAKE)
      .map((table) => [idOf(table), tableOf(table)]),
  ),
});
