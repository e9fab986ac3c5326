import type { Packaged, Resource } from '../support/sls.ts';
import type { Alarm } from './cloudwatch.ts';

/** References as text, so that two to the same thing are equal. */
const resolved = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value) return String(value.Ref);
  if ('Fn::GetAtt' in value) return (value['Fn::GetAtt'] as string[]).join('.');
  return Array.isArray(value) ? value.map(resolved) : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner)]));
};

/** What is looked up in a compiled template. */
export const template = (packaged: Packaged) => {
  const alarmOf = (id: string): Alarm => resolved(packaged.resources[id]?.Properties) as Alarm;
  const onlyId = (type: string): string => {
    const [[id], ...more] = packaged.ofType(type) as [[string, unknown], ...unknown[]];
    if (more.length > 0) throw new Error(`Expected one ${type} in the template, got ${more.length + 1}`);
    return id;
  };
  const functionOf = (name: string) => {
    const found = packaged.ofType('AWS::Lambda::Function').find(([, { Properties }]) => Properties.Handler === `functions/${name}.handler`);
    if (found === undefined) throw new Error(`Expected a function ${name} in the template`);
    return { id: found[0], name: found[1].Properties.FunctionName, service: String(found[1].Properties.Environment.Variables.SERVICE) };
  };
  /** Where a consumer's records go that were given up, as its mapping says. */
  const mappingOf = (consumer: string) => {
    const found = packaged
      .ofType('AWS::Lambda::EventSourceMapping')
      .find(([, { Properties }]) => JSON.stringify(Properties.FunctionName).includes(functionOf(consumer).id));
    if (found === undefined) throw new Error(`Expected a mapping of ${consumer} in the template`);
    return found[1].Properties;
  };
  /** Its logical id, as `Ref` gives its UUID. */
  const mappingIdOf = (consumer: string): string => {
    const found = packaged
      .ofType('AWS::Lambda::EventSourceMapping')
      .find(([, { Properties }]) => JSON.stringify(Properties.FunctionName).includes(functionOf(consumer).id));
    return found?.[0] ?? '';
  };
  const queueOf = ({ DestinationConfig }: Resource['Properties']): string => `${DestinationConfig.OnFailure.Destination['Fn::GetAtt'][0]}.QueueName`;
  /** The queue of the dead letters of a function that is called asynchronously. */
  const lettersOf = (name: string): string => {
    const found = packaged.ofType('AWS::Lambda::EventInvokeConfig').find(([id]) => id.startsWith(name));
    if (found === undefined) throw new Error(`Expected an EventInvokeConfig of ${name} in the template`);
    return queueOf(found[1].Properties);
  };
  return { alarmOf, onlyId, functionOf, mappingOf, mappingIdOf, queueOf, lettersOf };
};
export type Template = ReturnType<typeof template>;
