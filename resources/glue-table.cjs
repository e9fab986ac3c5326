/** A table of the lake's database. */
exports.glueTable = (TableInput) => ({
  Type: 'AWS::Glue::Table',
  Properties: { CatalogId: { Ref: 'AWS::AccountId' }, DatabaseName: { Ref: 'LakeDatabase' }, TableInput },
});
