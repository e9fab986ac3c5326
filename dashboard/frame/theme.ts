import { forgetColours } from '../charts/palette.ts';
import { redrawCharts } from '../charts/plot.ts';
import { store } from '../state/store.ts';

const KEY = 'twinstream-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const stored = (): string | null => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
};
const isDarkNow = (): boolean => (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';
export const isDark = store(false);

const apply = (): void => {
  isDark.set(isDarkNow());
  forgetColours();
  redrawCharts();
};
export const toggleTheme = (): void => {
  const next = isDarkNow() ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing begins as the system is.
  }
  apply();
};
/** As the viewer chose, or else as the system is, and changes with it. */
export const startTheme = (): void => {
  const chosen = stored();
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
  isDark.set(isDarkNow());
  dark.addEventListener('change', apply);
  // Canvases do not wait for fonts.
  document.fonts.ready.then(redrawCharts);
};
