import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../servers/cache.ts';
import { jdkHome } from '../servers/java.ts';
import { installJars } from '../servers/maven.ts';
import { installPython, pythonOf } from '../servers/python.ts';
import { run } from '../servers/run.ts';

/** An SDK, and a program that sends events with it: `…command URL MODE`, one event a line in, one answer a line out. */
export interface Sdk {
  readonly language: string;
  readonly modes: readonly Mode[];
  /** Events that the SDK itself does not send as they were meant, by id, and what is said of each instead. */
  readonly faults: readonly { readonly id: string; readonly modes: readonly Mode[]; readonly says: string }[];
  readonly command: () => Promise<readonly [string, ...string[]]>;
}
export type Mode = 'binary' | 'structured' | 'batch';

const PYTHON = '2.2.0';
const JAVA = '4.0.1';
const HERE = join(process.cwd(), 'test/aws/cloudevents');

const go = async (): Promise<string> => {
  const source = join(HERE, 'go');
  const digest = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) digest.update(readFileSync(join(source, name)));
  const folder = await cached({
    name: `cloudevents-go-${digest.digest('hex').slice(0, 12)}`,
    what: 'the CloudEvents SDK of Go (Go module proxy)',
    fetch: async (into) => {
      await cp(source, join(into, 'source'), { recursive: true });
      await run('go', ['build', '-o', join(into, 'post'), '.'], {
        cwd: join(into, 'source'),
        env: { ...process.env, GOTOOLCHAIN: 'local' },
        missing: 'Install Go 1.23 or newer (go.dev/doc/install; Debian 13: apt install golang-go).',
      });
    },
  });
  return join(folder, 'post');
};

export const SDKS: readonly Sdk[] = [
  {
    language: 'JavaScript',
    modes: ['binary', 'structured', 'batch'],
    // It does not percent-encode, and fetch refuses characters past Latin-1 in a header.
    faults: [{ id: 'unicode-日本-€', modes: ['binary'], says: 'greater than 255' }],
    command: async () => [process.execPath, join(HERE, 'javascript/post.mjs')],
  },
  {
    language: 'Python',
    modes: ['binary', 'structured'],
    faults: [],
    command: async () => {
      const venv = await cached({
        name: `cloudevents-python-${PYTHON}`,
        what: `cloudevents ${PYTHON} (PyPI)`,
        fetch: (into) => installPython(into, [`cloudevents==${PYTHON}`]),
      });
      return [pythonOf(venv), join(HERE, 'python/post.py')];
    },
  },
  {
    language: 'Java',
    modes: ['binary', 'structured'],
    faults: [],
    command: async () => {
      const folder = await cached({
        name: `cloudevents-java-${JAVA}`,
        what: `cloudevents-http-basic and cloudevents-json-jackson ${JAVA} (Maven Central)`,
        fetch: async (into) => {
          for (const artifact of ['cloudevents-http-basic', 'cloudevents-json-jackson'])
            await installJars(into, { group: 'io.cloudevents', artifact, version: JAVA });
        },
      });

      return [join(await jdkHome(11), 'bin', 'java'), '-cp', join(folder, 'lib', '*'), join(HERE, 'java/Post.java')];
    },
  },
  {
    language: 'Go',
    modes: ['binary', 'structured', 'batch'],
    // It writes JSON of any type but application/json and text/json as a string.
    faults: [{ id: 'vendor', modes: ['structured', 'batch'], says: 'Expected a JSON object, got string' }],
    command: async () => [await go()],
  },
];
