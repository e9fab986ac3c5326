import { ownFolder } from '../../shared/adapters/files/folder-owner.ts';
import type { Channel } from '../ports/channel.ts';
import { realFiles } from './files.ts';
import { segmentChannel } from './segment-channel.ts';

export interface OwnedChannel extends Channel {
  /** Frees the folder for other processes. */
  release(): void;
}
/** What a process needs to send from a folder. @throws {FolderOwnedError} if another process does. */
export const openChannel = async (folder: string, maxBytes: number, note: (text: string) => void): Promise<OwnedChannel> => {
  const owner = ownFolder(folder, { command: 'twinstream agent', clock: Date.now });
  try {
    const channel = await segmentChannel({ folder, files: realFiles, maxBytes, segmentBytes: Math.min(MAX_SEGMENT_BYTES, maxBytes / 8), note });
    return { ...channel, release: owner.release };
  } catch (error) {
    owner.release();
    throw error;
  }
};
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
