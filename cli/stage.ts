import { existsSync, readFileSync } from 'node:fs';
import { fail } from './command.ts';

export const STAGE_OPTIONS = { stage: { type: 'string' }, region: { type: 'string' }, service: { type: 'string' } } as const;

export interface Stage {
  /** `local` for this machine. */
  readonly name: string;
  /** The service's name in serverless.yml: the prefix of the names of what it deploys. */
  readonly service: () => string;
}
/** Reads --stage, --region and --service; the region is set for the AWS clients. */
export const readStage = (values: { readonly stage?: string; readonly region?: string; readonly service?: string }): Stage => {
  const { stage: name = 'local', region, service } = values;
  if (!/^[\w-]{1,40}$/.test(name)) fail(`--stage: Expected a stage's name, got '${name}'`);
  if (region !== undefined) process.env.AWS_REGION = region;
  return { name, service: () => service ?? serviceOf('serverless.yml') };
};

/** The name in a serverless.yml, read without its variables. */
export const serviceOf = (file: string): string => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [, name] = /^service:\s*['"]?([A-Za-z][\w-]*)['"]?\s*(?:#.*)?$/m.exec(text) ?? [];
  return name ?? fail(`--service: Expected the name of a deployed service, found none in ${file} here`);
};
