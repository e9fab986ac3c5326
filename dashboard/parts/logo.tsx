import type { Level } from '../status/words.ts';

/** Two streams become one. It is the status light as well: one of them broken, or pale. */
export const Logo = ({ state = 'ok', size = 24 }: { readonly state?: Level; readonly size?: number }) => (
  <svg class={`logo ${state}`} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
    <path class="lg-b" d="M2 6c6.5 0 7 6 12.5 6" />
    <path class="lg-l" d="M2 18c6.5 0 7-6 12.5-6" />
    <path class="lg-j" d="M14 12h8" />
  </svg>
);
