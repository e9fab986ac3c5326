/** Answers a command of an AWS client by its name, such as PutItemCommand, and its input. */
export type Answer = (command: string, input: never) => Promise<object>;

type Middleware = (
  next: unknown,
  context: { readonly commandName?: string },
) => (args: { readonly input: object }) => Promise<{ readonly output: object; readonly response: object }>;
interface Stack {
  add(middleware: Middleware, options: { readonly name: string; readonly step: 'deserialize'; readonly priority: 'high' }): void;
}

/** What clients need that never reach AWS. */
export const NOWHERE = { region: 'us-east-1', credentials: { accessKeyId: 'none', secretAccessKey: 'none' }, maxAttempts: 1 };

/**
 * A client whose requests are serialized and signed as in production, so that their CPU counts, and are then answered here:
 * the last step before the network is replaced.
 */
export const standIn = <C extends { readonly middlewareStack: unknown }>(client: C, answer: Answer): C => {
  const stack = client.middlewareStack as Stack;
  stack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => ({ response: {}, output: { $metadata: {}, ...(await answer(commandName, input as never)) } }),
    { name: 'standIn', step: 'deserialize', priority: 'high' },
  );
  return client;
};

export const unknown = (service: string, command: string): Error =>
  new Error(`${service}: Expected a command that the product sends, got ${command}. Add it to cost/services.`);
