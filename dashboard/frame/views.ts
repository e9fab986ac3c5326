import type { IconName } from '../parts/icon.tsx';
import type { View } from '../state/url.ts';

/** The views in their order, and the key that goes to each after g. */
export const VIEWS: readonly { readonly view: View; readonly title: string; readonly icon: IconName; readonly key: string }[] = [
  { view: 'overview', title: 'Overview', icon: 'chart', key: 'o' },
  { view: 'entities', title: 'Entities', icon: 'search', key: 'f' },
  { view: 'quarantine', title: 'Quarantine', icon: 'tray', key: 'q' },
  { view: 'operations', title: 'Operations', icon: 'flow', key: 'p' },
];
