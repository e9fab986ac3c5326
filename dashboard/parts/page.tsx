import type { ComponentChildren } from 'preact';

interface PageProps {
  readonly title: string;
  readonly about?: ComponentChildren;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

/** A view under its heading, with a line about it. */
export const Page = ({ title, about, isWide = false, children }: PageProps) => (
  <div class={`page ${isWide ? 'wide' : ''}`}>
    <div class="page-h">
      <h1>{title}</h1>
      {about === undefined ? null : <p>{about}</p>}
    </div>
    {children}
  </div>
);
