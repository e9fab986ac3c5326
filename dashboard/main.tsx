import { render } from 'preact';
import { App } from './frame/app.tsx';
import { startTheme } from './frame/theme.ts';
import { startPolling } from './state/polling.ts';

startTheme();
startPolling();
const root = document.querySelector('#root');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
