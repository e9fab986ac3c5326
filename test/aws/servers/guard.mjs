// Runs a server in a process group of its own. When the process that asked for it is gone, however it ended, standard
// input closes: then the group is killed and the server's folder removed.
// Arguments: the folder, then the server's command.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [folder, command, ...args] = process.argv.slice(2);
const server = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });

const killGroup = () => {
  try {
    process.kill(-server.pid, 'SIGKILL');
  } catch {
    // it was gone already
  }
};
server.on('error', (error) => {
  console.error(`Could not start ${command}: ${error.message}`);
  process.exit(1);
});
let wanted = true;
server.on('exit', (code, signal) => {
  killGroup(); // what the server itself had started
  if (wanted) {
    // The folder stays: whoever waits for the server reads the log in it.
    console.error(`Ended by itself with ${signal ?? `code ${code}`}`);
    process.exit(1);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  process.exit(0);
});
process.stdin.resume().on('close', () => {
  wanted = false;
  killGroup();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {}); // the pipe decides
