import { render } from 'preact';
import { App } from './frame/app.tsx';
import { startTheme } from './frame/theme.ts';
import { startFollowing } from './state/following.ts';
import { startPolling } from './state/polling.ts';

startTheme();
startPolling();
startFollowing();
const root = document.querySelector('#root');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
