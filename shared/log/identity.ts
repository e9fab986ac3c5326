import { hash } from 'node:crypto';

/** 64 bits of an event's identity, as 16 hexadecimal digits: events with the same source and id are one event. Pinned: stored ids and lanes depend on it. */
export const identityOf = (source: string, id: string): string => hash('md5', `${source.length}:${source}${id}`).slice(0, 16);

/** The lane of an event, always the same. */
export const laneOf = (identity: string, lanes: number): number => Number.parseInt(identity.slice(0, 8), 16) % lanes;
