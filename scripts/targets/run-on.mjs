// Runs Node on one of the systems of systems.mjs.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tools.mjs';

const running = new Set();
process.once('SIGTERM', () => {
  for (const child of running) endGroup(child);
  process.exit(1);
});

/** Kills the process group of a child. */
function endGroup(child) {
  running.delete(child);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

/**
 * Runs Node with these arguments for at most so many seconds. Its output goes to a file: libuv does
 * not work with wine's pipes and consoles. Resolves with { code, output }; code is undefined after
 * a timeout, and the name of a signal that ended Node.
 */
export function runOn({ command, env }, args, { cwd = root, further = {}, seconds = 120 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-target-'));
  const file = join(folder, 'output');
  const output = openSync(file, 'a');
  const [program, ...before] = command;
  const child = spawn(program, [...before, ...args], {
    cwd,
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env, ...further },
  });
  running.add(child);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    endGroup(child);
  }, seconds * 1000);
  return new Promise((resolve) => {
    const end = (code, message = '') => {
      clearTimeout(limit);
      endGroup(child);
      closeSync(output);
      const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n') + message;
      rmSync(folder, { recursive: true });
      resolve({ code: late ? undefined : code, output: text });
    };
    child.once('error', (error) => end(127, error.message));
    child.once('exit', (code, signal) => end(code ?? signal));
  });
}
