import type { z } from 'zod';
import { bodyOf, type HttpRequest } from './http.ts';
import { badRequest } from './problem.ts';

/** The white space of JSON (RFC 8259, section 2), and no other. */
const NOTHING = /^[ \t\n\r]*$/;

/**
 * Parses a request's body by its schema; a missing body is an empty object.
 * @param example shown in the error.
 * @throws {Problem} 400
 */
export const parsedBody = <T>(request: Pick<HttpRequest, 'body'>, schema: z.ZodType<T>, example: string): T => {
  const text = bodyOf(request).toString();
  const expected = `Expected a JSON object such as ${example}`;
  let value: unknown = {};
  try {
    if (!NOTHING.test(text)) value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`${expected}${schema.safeParse({}).success ? ', or no body' : ''}: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badRequest(
    expected,
    parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message })),
  );
};
