import { DamagedError } from '../ports/damaged.ts';
import { FolderOwnedError } from '../ports/folder-owned.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { HttpAnswer } from './http.ts';
import { Problem } from './problem.ts';

/** Problem details (RFC 9457). */
export const problemAnswer = ({ status, kind, title, message, errors, headers, extra }: Problem): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: `urn:twinstream:problem:${kind}`, title, status, detail: message, ...extra, ...(errors.length > 0 ? { errors } : {}) }),
});

/** Reveals nothing about what went wrong inside. */
export const internal = (detail = 'The request could not be answered. The log of the service says why; try again.'): Problem =>
  new Problem(500, 'internal', 'Something failed here', detail);

/** The answer to a call whose handler threw: a Problem as it is, a damaged file by name and with how to repair it, anything else as a logged 500. */
export const answerToError = (error: unknown, route: string, telemetry: Pick<Telemetry, 'warn' | 'error'>): HttpAnswer => {
  if (error instanceof Problem) {
    if (error.status >= 500) telemetry.warn(error.message, { status: error.status, cause: String(error.cause ?? '') });
    return problemAnswer(error);
  }
  if (error instanceof FolderOwnedError) return problemAnswer(new Problem(409, 'folder-owned', 'Another process owns the data folder', error.message));
  if (error instanceof DamagedError) {
    telemetry.error('A stored file is damaged', { route, file: error.file, problem: error.problem });
    return problemAnswer(new Problem(500, 'damaged', 'A stored file is damaged', error.message, { extra: { file: error.file } }));
  }
  telemetry.error('A request failed', { route, error: (error instanceof Error ? error.stack : undefined) ?? String(error) });
  return problemAnswer(internal());
};
