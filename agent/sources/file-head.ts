import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Position } from '../ports/source.ts';

/** How much of a file's beginning identifies it: another file may get the same name, or the same number. */
const HEAD_BYTES = 1_024;

export interface FilePosition {
  readonly path: string;
  readonly offset: number;
  /** Records up to it, and before the last that were taken. */
  readonly line: number;
  readonly fromLine: number;
  /** Of the file's first bytes, as far as they were read. */
  readonly headBytes: number;
  readonly head: string;
}
export const filePosition = (position: Position | null): FilePosition | null => position as FilePosition | null;

export const readAt = async (file: FileHandle, bytes: number, at: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
  return buffer.subarray(0, bytesRead);
};
export const headOf = async (file: FileHandle, bytes = HEAD_BYTES): Promise<Pick<FilePosition, 'head' | 'headBytes'>> => {
  const head = await readAt(file, Math.min(HEAD_BYTES, bytes), 0);
  return { headBytes: head.length, head: createHash('sha256').update(head).digest('base64url').slice(0, 22) };
};
/** Whether it is the file that a position is of: it begins in the same way. */
export const isOf = async (file: FileHandle, { head, headBytes }: Pick<FilePosition, 'head' | 'headBytes'>): Promise<boolean> => {
  const now = await headOf(file, headBytes);
  return now.head === head && now.headBytes === headBytes;
};

export const withFile = async <T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> => {
  const file = await open(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
};
