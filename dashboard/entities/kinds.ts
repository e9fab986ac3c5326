import { type EntityKind, openApi } from '../api/open-api.ts';

/** The pipeline's kinds of entities; null until they are known. */
export const entityKinds = { use: (): readonly EntityKind[] | null => openApi.use()?.entities ?? null };
