import { Ajv2020 as Ajv, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApi } from '../../shared/api/openapi.ts';
import type { Pipeline } from '../../shared/pipeline.ts';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}
export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

/** Many tests of a suite have the same pipeline, and compiling its schemas takes longer than most of them. */
const made = new WeakMap<Pipeline, ReturnType<typeof makeContract>>();

/** Holds answers against the pipeline's OpenAPI document: the status is documented, and the body is as its schema says. */
export const httpContract = (pipeline: Pipeline): ReturnType<typeof makeContract> => {
  const contract = made.get(pipeline) ?? makeContract(pipeline);
  made.set(pipeline, contract);
  return contract;
};

const makeContract = (pipeline: Pipeline) => {
  const document = JSON.parse(JSON.stringify(openApi(pipeline))) as Document;
  const ajv = new Ajv({ allErrors: true, strict: false, multipleOfPrecision: 9 });
  (addFormats as unknown as (of: Ajv) => void)(ajv);
  ajv.addFormat('base64', true);
  ajv.addSchema({ $id: 'api', components: document.components });
  const compiled = new Map<object, ValidateFunction>();
  const validatorOf = (schema: object) => {
    let validate = compiled.get(schema);
    if (validate === undefined)
      compiled.set(schema, (validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')))));
    return validate;
  };
  const validate = (schema: object, value: unknown): string[] => {
    const validator = validatorOf(schema);
    return validator(value) ? [] : (validator.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
  const operationOf = (method: string, target: string): Operation | undefined => {
    const [asked = '', parameters = ''] = target.split('?');
    // The end of a metric's path that names the format.
    const path = asked.replace(/^(\/metrics\/\w+)\.(csv|ndjson|json)$/, '$1');
    // An old definition has columns of its own, and exact numbers are text.
    if (path.startsWith('/metrics/') && /(^|&)(definition=|numbers=text)/.test(parameters)) return document.paths['/metrics/{name}']?.[method.toLowerCase()];
    const found = Object.keys(document.paths).find((template) =>
      new RegExp(
        `^${template
          .replaceAll('.', '\\.')
          .replace('{key}', '.+')
          .replace(/\{\w+\}/g, '[^/]+')}$`,
      ).test(path),
    );
    return found === undefined ? undefined : document.paths[found]?.[method.toLowerCase()];
  };

  /** What is wrong with an answer; nothing if the document says it all. An undocumented path may only be told that there is no such thing. */
  const violations = (method: string, path: string, { status, contentType, body }: Answer): string[] => {
    const operation = operationOf(method, path);
    if (operation === undefined) return status === 404 ? [] : [`Expected ${method} ${path} to be documented, since it answers ${status}`];
    const response = operation.responses[status];
    if (response === undefined) return [`Expected ${method} ${path} to answer ${Object.keys(operation.responses).join(', ')}, got ${status}`];
    if (response.content === undefined)
      return body === '' ? [] : [`Expected ${method} ${path} to answer ${status} without a body, got ${String(body).slice(0, 100)}`];
    const mediaType = contentType?.split(';')[0] ?? '';
    const schema = response.content?.[mediaType]?.schema;
    if (schema === undefined) return [`Expected ${method} ${path} to answer ${status} as ${Object.keys(response.content ?? {}).join(', ')}, got ${mediaType}`];
    return validate(schema, mediaType.endsWith('json') ? body : String(body));
  };
  return { document, violations, validate };
};
