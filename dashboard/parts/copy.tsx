import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

const SHOWN_MS = 1_600;

export const Copy = ({ text, label = 'Copy', isSmall = true }: { readonly text: string; readonly label?: string; readonly isSmall?: boolean }) => {
  const [said, say] = useState<string | null>(null);
  const copy = async () => {
    // A page without a secure origin has no clipboard.
    const isCopied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    say(isCopied === true ? 'Copied' : 'Select the text, and copy it');
    setTimeout(() => say(null), SHOWN_MS);
  };
  return (
    <button type="button" class={`btn ${isSmall ? 'small' : ''}`} onClick={copy}>
      <Icon name={said === 'Copied' ? 'done' : 'copy'} />
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
};
