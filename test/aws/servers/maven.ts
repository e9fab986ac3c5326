import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './cache.ts';
import { javaHome } from './java.ts';
import { run } from './run.ts';

export interface MavenArtifact {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';
/** Maven's own downloads; it takes none for whole that was cut off. */
const REPOSITORY = join(CACHE, 'maven');

const mvn = async (folder: string, pom: string, args: readonly string[]): Promise<void> => {
  await writeFile(
    join(folder, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>twinstream</groupId><artifactId>fetch</artifactId><version>1</version><packaging>pom</packaging>${pom}</project>`,
  );
  await run('mvn', ['--quiet', '--batch-mode', `-Dmaven.repo.local=${REPOSITORY}`, ...args], {
    cwd: folder,
    env: { ...process.env, JAVA_HOME: await javaHome(11) },
    missing: 'Install Apache Maven 3.6 or newer (Debian: apt install maven).',
  });
};

/** Copies an artifact's jar, and all that it needs at run time, to `folder/lib/`. */
export const installJars = async (folder: string, { group, artifact, version }: MavenArtifact): Promise<void> => {
  const pom = `<dependencies><dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency></dependencies>`;
  await mvn(folder, pom, [`${PLUGIN}:copy-dependencies`, `-DoutputDirectory=${join(folder, 'lib')}`, '-DincludeScope=runtime']);
};

/** Unpacks an archive into `folder/into/`. The archive itself is not kept. */
export const unpackArchive = async (
  folder: string,
  into: string,
  { group, artifact, version, type }: MavenArtifact & { readonly type: 'zip' | 'tar.gz' },
): Promise<void> => {
  await mvn(folder, '', [`${PLUGIN}:unpack`, `-Dartifact=${group}:${artifact}:${version}:${type}`, `-DoutputDirectory=${join(folder, into)}`]);
  if (!existsSync(join(folder, into))) throw new Error(`Expected ${artifact} ${version} to be unpacked to ${join(folder, into)}, got nothing`);
  await rm(join(REPOSITORY, ...group.split('.'), artifact, version), { recursive: true, force: true });
};
