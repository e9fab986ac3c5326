import { isUtf8 } from 'node:buffer';
import { badRequest } from '../request/problem.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * How a request carries CloudEvents (HTTP protocol binding 1.0.2, section 3): the content type alone decides for structured
 * or batch, and such a request may repeat attributes in headers; without one, `ce-` headers mean binary. Null for plain JSON.
 */
export const modeOf = (mediaType: string, headers: Headers): 'structured' | 'batch' | 'binary' | null => {
  if (mediaType === 'application/cloudevents-batch+json') return 'batch';
  if (mediaType === 'application/cloudevents+json') return 'structured';
  if (mediaType.startsWith('application/cloudevents'))
    throw badRequest(`Content-Type: Expected application/cloudevents+json or application/cloudevents-batch+json, got '${mediaType.slice(0, 80)}'`);
  return ['ce-specversion', 'ce-type', 'ce-id'].some((name) => headers[name] !== undefined) ? 'binary' : null;
};

/**
 * The attributes of an event in binary mode, as JSON has them.
 * @throws {Problem} 400 for a value that is not well-formed.
 */
export const headerAttributes = (headers: Headers): Record<string, string> => {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') && value !== undefined ? [[name.slice(3), headerValue(name, value)]] : [],
  );
  const contentType = headers['content-type'];
  return { ...Object.fromEntries(attributes), ...(contentType === undefined ? {} : { datacontenttype: contentType }) };
};

/** Section 3.1.3.2: a quoted value is unquoted first, then percent sequences are decoded as UTF-8. */
const headerValue = (name: string, value: string): string => {
  const trimmed = value.trim();
  const unquoted = /^".*"$/s.test(trimmed) && trimmed.length > 1 ? trimmed.slice(1, -1).replace(/\\(.)/gs, '$1') : trimmed;
  return unquoted.replace(/(?:%[0-9A-Fa-f]{2})+/g, (sequence) => {
    const bytes = Buffer.from(sequence.replaceAll('%', ''), 'hex');
    if (!isUtf8(bytes)) throw badRequest(`${name}: Expected percent-encoded UTF-8, got '${sequence.slice(0, 60)}'`);
    return bytes.toString();
  });
};
