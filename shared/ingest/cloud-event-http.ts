import { isUtf8 } from 'node:buffer';
import { badRequest, unsupported } from '../request/problem.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * How a request carries CloudEvents (HTTP protocol binding 1.0.2, section 3): the content type alone decides for structured
 * or batch, and such a request may repeat attributes in headers; without one, `ce-` headers mean binary. Null for plain JSON.
 * @throws {Problem} 415 for a format of CloudEvents other than JSON.
 */
export const modeOf = (mediaType: string, headers: Headers): 'structured' | 'batch' | 'binary' | null => {
  if (mediaType === 'application/cloudevents-batch+json') return 'batch';
  if (mediaType === 'application/cloudevents+json') return 'structured';
  if (mediaType.startsWith('application/cloudevents'))
    throw unsupported(`Content-Type: Expected application/cloudevents+json or application/cloudevents-batch+json, got '${mediaType.slice(0, 80)}'`);
  return ['ce-specversion', 'ce-type', 'ce-id'].some((name) => headers[name] !== undefined) ? 'binary' : null;
};

/** Data is the body's, never a header's. */
const NOT_ATTRIBUTES = ['data', 'data_base64'];
/** Set by curl, by Python's urllib and by Java's HttpURLConnection for any body whose type is not given; a form is never an event. */
const UNSET_TYPE = 'application/x-www-form-urlencoded';

/**
 * The attributes of an event in binary mode, as JSON has them.
 * @throws {Problem} 400 for a value that is not well-formed.
 */
export const headerAttributes = (headers: Headers): Record<string, string> => {
  const attributes = Object.entries(headers).flatMap(([header, value]) => {
    const name = header.startsWith('ce-') ? header.slice(3) : '';
    return name === '' || value === undefined || NOT_ATTRIBUTES.includes(name) ? [] : [[name, headerValue(header, value)]];
  });
  const contentType = headers['content-type'];
  const isSet = contentType !== undefined && contentType.split(';')[0]?.trim().toLowerCase() !== UNSET_TYPE;
  return { ...Object.fromEntries(attributes), ...(isSet ? { datacontenttype: contentType } : {}) };
};

/** Section 3.1.3.2: a quoted value is unquoted first, then percent sequences are decoded as UTF-8. */
const headerValue = (name: string, value: string): string => {
  const text = unencoded(value);
  const unquoted = /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text;
  return unquoted.replace(/(?:%[0-9A-Fa-f]{2})+/g, (sequence) => {
    const bytes = Buffer.from(sequence.replaceAll('%', ''), 'hex');
    if (!isUtf8(bytes)) throw badRequest(`${name}: Expected percent-encoded UTF-8, got '${sequence.slice(0, 60)}'`);
    return bytes.toString();
  });
};

/**
 * Text past ASCII should be percent-encoded, but some SDKs send it as it is: Go's as UTF-8, JavaScript's, through fetch, as
 * Latin-1. An HTTP server reads each byte as one character.
 */
const unencoded = (value: string): string => {
  if (!/[\x80-\xff]/.test(value) || /[^\0-\xff]/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : value;
};
