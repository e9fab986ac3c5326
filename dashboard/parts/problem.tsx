import type { ApiError } from '../api/http.ts';
import { Icon } from './icon.tsx';

/** A panel that has no answer: what the server said, and what to do. Other panels are not touched. */
export const Problem = ({ error, name, onAgain }: { readonly error: ApiError; readonly name: string; readonly onAgain: () => void }) => {
  const since = error.body.since ?? error.body.rebuilding;
  if (error.status === 503 && (since !== undefined || /rebuil/i.test(error.message)))
    return (
      <div class="problem">
        <h3>{name} is being counted anew</h3>
        <p>{error.message} The page shows it by itself.</p>
      </div>
    );
  if (error.status === 403)
    return (
      <div class="problem">
        <h3>This token may not see {name}</h3>
        <p>{error.message}</p>
      </div>
    );
  return (
    <div class="problem bad">
      <h3>{name} has no answer</h3>
      <p>{error.status === 0 ? error.message : `The server said ${error.status}: “${error.message}”`} Other panels are not touched.</p>
      <button type="button" class="btn" onClick={onAgain}>
        <Icon name="again" />
        Ask again
      </button>
    </div>
  );
};
