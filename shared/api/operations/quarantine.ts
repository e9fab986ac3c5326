import { z } from 'zod';
import { LISTED_ENTRY } from '../../ingest/quarantine-entry.ts';
import { REASONS } from '../../ingest/submitted.ts';
import { GROUP } from '../../quarantine/groups.ts';
import { CODES } from '../../quarantine/hints.ts';
import { REASON_COUNT } from '../../quarantine/list.ts';
import { DAMAGE } from '../../quarantine/quarantine-files.ts';
import { REMOVED } from '../../quarantine/remove.ts';
import { REPLAY_REQUEST, REPLAYED } from '../../quarantine/replay.ts';
import { input, output } from '../json-schema.ts';
import { json, limitOf, type Operations, optionalBody, problems, query, TEXT, TIME } from '../operation.ts';

const QUARANTINED = z.object({
  events: z.array(LISTED_ENTRY).optional(),
  reasons: z.array(REASON_COUNT).optional().describe('With by=reason, instead of `events`.'),
  groups: z.array(GROUP).optional().describe('With by=reason,path, instead of `events`; the largest first.'),
  damaged: z.array(DAMAGE).describe('Files that cannot be read completely; their readable entries are listed above.'),
  more: z.boolean().describe('Whether there are others, because of the limit, of what fits into an answer, or of the time for one.'),
  next: z.string().nullable().optional().describe('The `after` of the next page; null on the last one.'),
});

const PATH = query('path', 'Where one of their errors is, as by=reason,path names it.', TEXT, 'added');
const CODE = query('code', 'What one of their errors is, at that path if there is one.', { type: 'string', enum: CODES }, 'missing');

export const quarantineOperations: Operations<'quarantine'> = {
  'GET /quarantine': {
    parameters: [
      query('from', 'Received at this time or later.', TIME, '-24h'),
      query('to', 'Received before this time.', TIME, 'now'),
      query('reason', 'Comma-separated.', { type: 'string', enum: REASONS }, REASONS[0]),
      PATH,
      CODE,
      query('by', 'Counts instead of the entries: by reason, or by what is wrong and where.', { type: 'string', enum: ['reason', 'reason,path'] }, 'reason'),
      query('limit', 'By default 100.', limitOf(1_000), 10),
      query('after', 'Continues after this entry: `next` of the page before, with the same other parameters.', {
        type: 'string',
        pattern: '^[A-Za-z0-9_-]{1,64}$',
      }),
    ],
    responses: {
      200: json(output(QUARANTINED), 'The entries, or the counts by reason.'),
      ...problems([400, 'A parameter is wrong.'], [404, 'The entry of `after` has left the quarantine.'], [503, 'The page is too far for one call.']),
    },
  },
  'DELETE /quarantine': {
    description: 'By the same parameters GET lists what goes. Nothing brings it back.',
    parameters: [
      query('from', 'Received at this time or later.', TIME, '-24h'),
      query('to', 'Received before this time; by default now.', TIME, 'now'),
      query('reason', 'Comma-separated; by default every reason.', { type: 'string', enum: REASONS }, REASONS[0]),
      PATH,
      CODE,
      query('limit', 'By default all.', limitOf(1_000_000), 10),
    ],
    responses: { 200: json(output(REMOVED), 'How many were removed.'), ...problems([400, 'A parameter is wrong.']) },
  },
  'POST /quarantine/replay': {
    requestBody: optionalBody(input(REPLAY_REQUEST), { reason: 'invalid' }),
    responses: { 200: json(output(REPLAYED), 'How many were accepted, and what stays.'), ...problems([400, 'The body is wrong.']) },
  },
};
