// Loads the pipeline, checks its types, and says what it counts and what has changed since the data folder's definitions.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pipeline from '#pipeline';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import { describeMetric } from '../shared/query/describe.ts';
import { changes, storedDefinitions } from './check/definitions.ts';
import { command, fail, PIPELINE_OPTION, typed } from './command.ts';
import { pipelineFile } from './user-pipeline-file.ts';

const USAGE = `Usage: ${typed('check')} [--pipeline FILE]

Loads the pipeline, checks its types where TypeScript is installed beside it, and prints its metrics and entities, and what a
start would rebuild in DATA_DIR. It changes nothing.`;

export const check = command({
  usage: USAGE,
  options: PIPELINE_OPTION,
  run: async ({ values, positionals }) => {
    if (positionals.length > 0) fail(`Expected no arguments, got '${positionals[0]}'\n\n${USAGE}`);
    const file = pipelineFile(values.pipeline === undefined ? [] : ['--pipeline', values.pipeline]);
    const areTypesRight = checkTypes(file);
    for (const { name, event, each, window, dimensions, measures } of Object.values(pipeline.metrics).map(describeMetric)) {
      console.log(
        `metric ${name}: ${each === undefined ? event : `each of ${event}.${each}`}, by ${window}${dimensions.length === 0 ? '' : `, by ${dimensions.map((one) => one.name).join(', ')}`}`,
      );
      for (const measure of measures)
        console.log(
          `  ${measure.name}  ${measure.kind}${measure.of === undefined ? '' : ` of ${measure.of}`}${measure.by === undefined ? '' : ` by ${measure.by}`}`,
        );
    }
    for (const { name, definition } of Object.values(pipeline.entities)) {
      console.log(`entity ${name}`);
      for (const field of definition.fields) console.log(`  ${field.name}  ${field.measure}`);
    }
    const { dataDir } = readSettings(process.env);
    const stored = storedDefinitions(dataDir);
    if (stored === null) console.log(`Nothing is stored in ${dataDir} yet.`);
    else {
      const lines = [...changes('metric', pipeline.metrics, stored.metrics), ...changes('entity', pipeline.entities, stored.entities)];
      console.log(lines.length === 0 ? `Nothing changed since what is stored in ${dataDir}.` : `Since what is stored in ${dataDir}:\n${lines.join('\n')}`);
    }
    if (!areTypesRight) process.exitCode = 1;
  },
});

/** Prints the compiler's own messages. Returns true if none is installed, and says so. */
const checkTypes = (file: string): boolean => {
  const folder = dirname(file);
  const tsc = (() => {
    try {
      return join(dirname(createRequire(pathToFileURL(file)).resolve('typescript/package.json')), 'bin/tsc');
    } catch {
      return null;
    }
  })();
  if (tsc === null || !existsSync(join(folder, 'tsconfig.json'))) {
    console.log(`Types were not checked: ${tsc === null ? 'TypeScript is not installed' : 'there is no tsconfig.json'} beside ${file}.`);
    return true;
  }
  const { status } = spawnSync(process.execPath, [tsc, '--noEmit', '-p', folder], { stdio: 'inherit' });
  console.log(status === 0 ? 'Types are right.' : 'Types are wrong.');
  return status === 0;
};
