import { REASONS } from '../ingest/submitted.ts';
import { UTC } from '../request/calendar.ts';
import { names, oneOf, type Parameters, refuseUnknown, single, wholeNumber } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';
import { timeOf } from '../request/time-parameter.ts';
import { CODES } from './hints.ts';
import type { Selection } from './quarantine-files.ts';

/** The parameters of DELETE /quarantine: those of GET, which lists what would be deleted; without a limit everything. @throws {Problem} 400 */
export const parseRemoval = (parameters: Parameters, nowMs: number): Selection => {
  refuseUnknown(parameters, ['from', 'to', 'reason', 'path', 'code', 'limit']);
  const { fromMs, toMs, reasons, path, code } = parseSelection(new Map([...parameters].filter(([name]) => name !== 'limit')), nowMs);
  const limit = single(parameters, 'limit');
  return { fromMs, toMs, reasons, path, code, limit: limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('limit', limit, 1, 1_000_000) };
};

/** The parameters of GET /quarantine. @throws {Problem} 400 */
export const parseSelection = (
  parameters: Parameters,
  nowMs: number,
): Selection & { readonly by: 'reason' | 'reason,path' | null; readonly after: string | null } => {
  refuseUnknown(parameters, ['from', 'to', 'reason', 'path', 'code', 'limit', 'after', 'by']);
  const reasons = names(parameters, 'reason') ?? REASONS;
  const unknown = reasons.find((reason) => !(REASONS as readonly string[]).includes(reason));
  if (unknown !== undefined) throw badRequest(`reason: Expected ${REASONS.join(', ')}, got '${unknown.slice(0, 64)}'`);
  const by = names(parameters, 'by')?.join(',');
  if (by !== undefined && by !== 'reason' && by !== 'reason,path') throw badRequest(`by: Expected reason or reason,path, got '${by.slice(0, 64)}'`);
  const after = single(parameters, 'after');
  if (after !== undefined && !/^[\w-]{1,64}$/.test(after)) throw badRequest(`after: Expected the id of an entry, got '${after.slice(0, 64)}'`);
  const [from, code] = [single(parameters, 'from'), single(parameters, 'code')];
  return {
    fromMs: from === undefined ? 0 : timeOf('from', from, UTC, nowMs),
    toMs: timeOf('to', single(parameters, 'to') ?? 'now', UTC, nowMs + 1),
    reasons,
    path: single(parameters, 'path') ?? null,
    code: code === undefined ? null : oneOf('code', code, CODES),
    by: by ?? null,
    after: after ?? null,
    limit: wholeNumber('limit', single(parameters, 'limit') ?? '100', 1, 1_000),
  };
};
