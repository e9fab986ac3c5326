import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';

/** A parameter's value, decrypted. */
export const readParameter = async ({ client, name }: { client: SSMClient; name: string }): Promise<string> => {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  if (Parameter?.Value === undefined) throw new Error(`Expected the parameter ${name} to have a value, got none`);
  return Parameter.Value;
};
