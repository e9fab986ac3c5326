import { KinesisClient } from '@aws-sdk/client-kinesis';
import { ministackEnvironment } from '../servers/ministack.ts';
import { modelReader } from './model.ts';
import { violationsOf } from './violations.ts';

// Set up for every test of test/aws: each request that a client of the SDK sends in the test's process, the adapters' own and
// the test's, is compared with the model of its service. One that differs fails the test during which it was sent.

interface Command {
  readonly input: object;
}
interface Client {
  readonly config: { readonly serviceId: string };
  send(command: Command, ...more: readonly unknown[]): unknown;
}

/** What a local server itself handed out, and the product only hands back. */
const OF_THE_SERVER = [
  // MiniStack's sequence numbers begin with zeros.
  /^Kinesis\.GetShardIterator\.StartingSequenceNumber: .*, got '0{6}\d+'$/,
];

const modelOf = modelReader(await ministackEnvironment());
const violations: string[] = [];
/** Operations that were compared, such as Kinesis.PutRecords. */
export const compared = new Set<string>();

// All clients share the class.
const base = Object.getPrototypeOf(KinesisClient.prototype) as Client;
const { send } = base;
base.send = function (this: Client, command, ...more) {
  const operation = command.constructor.name.replace(/Command$/, '');
  const { serviceId } = this.config;
  compared.add(`${serviceId}.${operation}`);
  const found = violationsOf(modelOf(serviceId), operation, command.input);
  violations.push(...found.filter((one) => !OF_THE_SERVER.some((known) => known.test(one))));
  return send.call(this, command, ...more);
};

afterEach(() => {
  expect(violations.splice(0)).toEqual([]);
});
