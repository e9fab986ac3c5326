import { useState } from 'preact/hooks';
import { messageOf } from '../api/http.ts';

/** Does something at the server, keeps how it went, for a status line, and asks again for what it changed. */
export const useWork = (again: () => void) => {
  const [said, say] = useState<string | null>(null);
  const work = async (does: () => Promise<unknown>, done: string): Promise<void> => {
    say(await does().then(() => done, messageOf));
    again();
  };
  return { said, work };
};
