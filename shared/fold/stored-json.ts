import { gunzipSync } from 'node:zlib';

/** Parses a stored state: JSON, compressed or not. */
export const readStoredJson = <T>(bytes: Uint8Array): T => JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : Buffer.from(bytes)).toString()) as T;
