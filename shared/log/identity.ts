import { hash } from 'node:crypto';

/** 64 bits of an event's identity, as 16 hexadecimal digits: events with the same source and id are one event. Pinned: stored ids and lanes rest on it. */
export const identityOf = (source: string, id: string): string => hash('md5', `${source.length}:${source}${id}`).slice(0, 16);

/** The lane that an event always takes. */
export const laneOf = (identity: string, lanes: number): number => Number.parseInt(identity.slice(0, 8), 16) % lanes;
