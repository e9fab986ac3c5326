import type { ComponentChildren } from 'preact';

/** What may be wider than the window, and is then scrolled by itself, by keys too. @param label says what it is. */
export const Scroll = ({ label, children }: { readonly label: string; readonly children: ComponentChildren }) => (
  <section class="scroll" tabIndex={0} aria-label={label}>
    {children}
  </section>
);
