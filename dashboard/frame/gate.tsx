import { useState } from 'preact/hooks';
import { token } from '../api/token.ts';
import { Logo } from '../parts/logo.tsx';
import { contact } from '../state/session.ts';

const COMMAND = 'npm run token -- create --scope read';

const WRONG = {
  unknown: 'The server does not know this token. Was it copied whole?',
  scope: 'This token may not read: one of scope read or admin may.',
} as const;

/** Asks for a token. */
export const Gate = ({ refused }: { readonly refused: 'unknown' | 'scope' | null }) => {
  const [typed, setTyped] = useState('');
  const [isOld, setOld] = useState(true);
  const isWrong = refused !== null && isOld;
  return (
    <main class="gate" id="main">
      <form
        class="gate-in"
        onSubmit={(event) => {
          event.preventDefault();
          token.set(typed.trim());
          setOld(true);
          contact.set({ kind: 'loading' });
        }}
      >
        <Logo size={44} />
        <h1>Twinstream</h1>
        <p>This server asks for a token that may read.</p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          value={typed}
          aria-invalid={isWrong}
          aria-describedby="token-hint"
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setOld(false);
          }}
        />
        <p id="token-hint" class={isWrong ? 'err' : 'hint'} role={isWrong ? 'alert' : undefined}>
          {isWrong ? WRONG[refused] : 'It stays in this tab only, and goes to this server only.'}
        </p>
        <button class="btn primary big" type="submit" disabled={typed.trim() === ''}>
          Open
        </button>
        <p class="hint">No token? Who runs the server makes one (scope admin also shows quarantine and operations):</p>
        <pre class="code">{COMMAND}</pre>
      </form>
    </main>
  );
};
