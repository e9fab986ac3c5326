import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A type of AWS's service models, as botocore distributes them. */
export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}
export interface Model {
  readonly metadata: { readonly serviceId: string };
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** Folders that are not named after their service. */
const FOLDERS: Readonly<Record<string, string>> = { 'cloudwatch logs': 'logs' };

/** Reads service models from a Python environment that has botocore. */
export const modelReader = (environment: string): ((serviceId: string) => Model) => {
  const lib = join(environment, 'lib');
  const [python = ''] = readdirSync(lib).filter((name) => name.startsWith('python'));
  const data = join(lib, python, 'site-packages', 'botocore', 'data');
  const models = new Map<string, Model>();
  return (serviceId) => {
    const name = serviceId.toLowerCase();
    const known = models.get(name);
    if (known !== undefined) return known;
    const folder = join(data, FOLDERS[name] ?? name.replaceAll(' ', '-'));
    const version = readdirSync(folder).sort().at(-1) ?? '';
    const model = JSON.parse(gunzipSync(readFileSync(join(folder, version, 'service-2.json.gz'))).toString()) as Model;
    if (model.metadata.serviceId !== serviceId) throw new Error(`Expected the model of ${serviceId}, got that of ${model.metadata.serviceId}`);
    models.set(name, model);
    return model;
  };
};
