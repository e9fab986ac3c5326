// Puts everything that a stage stores under a key of its own; without one, AWS's own keys encrypt it.

/** Properties by logical id. */
const underKey = (key) => ({
  Log: { StreamEncryption: { EncryptionType: 'KMS', KeyId: key } },
  Cells: { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key } },
  Entities: { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key } },
  Lake: {
    BucketEncryption: {
      // A bucket's key saves a call to KMS for each object.
      ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } }],
    },
  },
  LiveConnections: { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key } },
  Quarantine: { DeliveryStreamEncryptionConfigurationInput: { KeyType: 'CUSTOMER_MANAGED_CMK', KeyARN: key } },
  QuarantineLogs: { KmsKeyId: key },
});

/** @param service of the framework, its variables resolved; @param naming gives the logical ids of what it generates */
exports.encrypt = ({ functions, resources, custom }, naming) => {
  const key = custom.twinstream.kmsKey;
  if (!key) return;
  for (const [id, properties] of Object.entries(underKey(key))) if (resources.Resources[id]) Object.assign(resources.Resources[id].Properties, properties);
  resources.Resources.Workgroup.Properties.WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration = { EncryptionOption: 'SSE_KMS', KmsKey: key };
  resources.extensions ??= {};
  for (const id of [...Object.keys(functions).map((name) => naming.getLogGroupLogicalId(name)), naming.getHttpApiLogGroupLogicalId()]) {
    const group = (resources.extensions[id] ??= {});
    group.Properties = { ...group.Properties, KmsKeyId: key };
  }
};
