import type { z } from 'zod';
import type { ACCEPTED, ANSWER, FOUND, GENERATION } from '../shared/api/schemas.ts';
import type { DEAD_LETTERS, DEAD_LETTERS_REPLAYED } from '../shared/dead-letters/dead-letter-request.ts';
import type { EXCLUSION } from '../shared/exclusions/exclusion-request.ts';
import type { ListedEntry } from '../shared/ingest/quarantine-entry.ts';
import type { LOOKUP_VERSION } from '../shared/lookups/lookup-request.ts';
import type { GROUP } from '../shared/quarantine/groups.ts';
import type { REASON_COUNT } from '../shared/quarantine/list.ts';
import type { Damage } from '../shared/quarantine/quarantine-files.ts';

/** A row's dimensions and measures, or an entity's fields, if a test does not name them. */
export type Fields = Readonly<Record<string, unknown>>;
type Hit = z.infer<typeof FOUND>['hits'][number];
type Letter = z.infer<typeof DEAD_LETTERS>['letters'][number] & z.infer<typeof DEAD_LETTERS_REPLAYED>['letters'][number];
type Error = z.infer<typeof ACCEPTED>['errors'][number] & { readonly entry?: string };

/**
 * The bodies of all answers in one type: which fields an answer has depends on its call and status, which the test knows and the OpenAPI
 * document checks. `R` has the fields of a row or an entity, by the pipeline.
 */
export interface Body<R = Fields> {
  // Problems, and what ingest answers.
  readonly type: string;
  readonly detail: string;
  readonly errors: readonly Error[];
  readonly accepted: number;
  readonly rejected: number;
  // Metrics.
  readonly metrics: readonly (Fields & { readonly name: string; readonly ready: boolean })[];
  readonly earlier?: readonly (Fields & { readonly name: string; readonly definition: string })[];
  readonly from: string;
  readonly to: string;
  readonly rounded?: z.infer<typeof ANSWER>['rounded'];
  readonly rows: readonly R[];
  readonly provenance: z.infer<typeof ANSWER>['provenance'];
  readonly undercounts?: Readonly<Record<string, number>>;
  readonly outOfRange?: Readonly<Record<string, number>>;
  // Entities.
  readonly total: number;
  readonly hits: readonly (Omit<Hit, 'entity'> & { readonly entity: R })[];
  readonly cursor: string | null;
  // Generations, exclusions and reference data.
  readonly id: string;
  readonly state: string;
  readonly active: string | null;
  readonly generations: readonly z.infer<typeof GENERATION>[];
  readonly next: string | null;
  readonly generation: string | null;
  readonly exclusions: readonly z.infer<typeof EXCLUSION>[];
  readonly tables: readonly string[];
  readonly versions: readonly z.infer<typeof LOOKUP_VERSION>[];
  readonly removedAt: string | null;
  readonly removed: number;
  // The quarantine and dead letters.
  readonly events: readonly ListedEntry[];
  readonly groups: readonly z.infer<typeof GROUP>[];
  readonly reasons: readonly z.infer<typeof REASON_COUNT>[];
  readonly damaged: readonly Damage[];
  readonly more: boolean;
  readonly consumers: z.infer<typeof DEAD_LETTERS>['consumers'];
  readonly letters: readonly Letter[];
  readonly replayed: number;
  readonly remaining: number;
  // Health.
  readonly status: unknown;
  readonly parts: Readonly<Record<string, Fields>>;
  readonly openapi: string;
}
