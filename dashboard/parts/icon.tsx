const PATHS = {
  chart: 'M3 13.5h10M4.5 11V8M8 11V4M11.5 11V6',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM13.5 13.5 10.4 10.4',
  tray: 'M2.5 9.5h3l1 1.5h3l1-1.5h3M2.5 9.5v3h11v-3l-2-6h-7l-2 6Z',
  flow: 'M2 4.5c4 0 4 3.5 7 3.5M2 11.5c4 0 4-3.5 7-3.5h5',
  close: 'M4 4l8 8M12 4l-8 8',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1',
  moon: 'M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z',
  keys: 'M2 4.5h12v7H2zM4.5 7h0M7 7h0M9.5 7h0M12 7h0M5.5 9.3h5',
  left: 'M9.8 3.5 5.3 8l4.5 4.5',
  right: 'M6.2 3.5 10.7 8l-4.5 4.5',
  plus: 'M8 3.5v9M3.5 8h9',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6',
  download: 'M8 2.5v8M4.7 7.4 8 10.7l3.3-3.3M3 13.5h10',
  back: 'M12.5 8h-9M7 4 3 8l4 4',
  again: 'M12.8 6.5A5 5 0 1 0 13 9M13 3v3.6H9.4',
  remove: 'M3 4.5h10M6.3 4.5v-2h3.4v2M4.3 4.5l.6 9h6.2l.6-9',
  warn: 'M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.4v.1',
  done: 'M3.5 8.5 6.5 11.5 12.5 5',
  calendar: 'M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5V5M10.5 2.5V5',
} as const;
export type IconName = keyof typeof PATHS;

/** A picture beside words, or in a button that has a name. */
export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="ic" viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
