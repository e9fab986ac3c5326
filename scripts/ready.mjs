// Installs what is missing before start and test, and says so. It runs before anything is installed, so it uses only Node.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Expected Node.js 20.19 or newer, got ${process.versions.node}. Install a newer one from https://nodejs.org and try again.`);
  process.exit(1);
}

const withDev = process.argv.includes('--dev');
const root = new URL('..', import.meta.url);
const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(new URL(file, root), 'utf8')).packages;
  } catch {
    return {};
  }
};
const locked = packagesOf('package-lock.json');
const installed = packagesOf('node_modules/.package-lock.json');
const isWanted = ([path, { optional, devOptional, dev }]) => path !== '' && !optional && !devOptional && (withDev || !dev);
const missing = Object.entries(locked)
  .filter(isWanted)
  .filter(([path, { version }]) => installed[path]?.version !== version);

if (missing.length > 0) {
  console.log(`Installing ${missing.length} packages from package-lock.json …`);
  const hasDev = Object.entries(locked).some(([path, { dev }]) => dev && installed[path]);
  const omit = withDev || hasDev ? [] : ['--omit=dev'];
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...omit], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    cwd: root,
  });
  if (status !== 0) {
    console.error('Could not install the packages. Check that the npm registry is reachable, then try again.');
    process.exit(status ?? 1);
  }
}
