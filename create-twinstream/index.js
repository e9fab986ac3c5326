#!/usr/bin/env node
// npm create twinstream [DIR]: installs twinstream there, whose own init creates the rest, so that both have the same version.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const dir = resolve(process.argv[2] ?? '.');
mkdirSync(dir, { recursive: true });
// Without one, npm would install into a folder above.
if (!existsSync(join(dir, 'package.json'))) writeFileSync(join(dir, 'package.json'), '{ "private": true }\n');

const run = (command, args) => {
  const { status } = spawnSync(command, args, { cwd: dir, stdio: 'inherit', shell: process.platform === 'win32', env: { ...process.env, INIT_CWD: dir } });
  if (status !== 0) process.exit(status ?? 1);
};
run('npm', ['install', process.env.TWINSTREAM_PACKAGE ?? 'twinstream', '--no-audit', '--no-fund']);
run(process.execPath, [join(dir, 'node_modules/twinstream/dist/cli/twinstream.js'), 'init']);
run('npm', ['install', '--no-audit', '--no-fund']);
