// Installs the programs that the scripts need, by apt-get where that is possible.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { fail, run, say } from '../tools.mjs';

/** True if a program is in PATH, or a file with this absolute path exists. */
function isThere(program) {
  if (isAbsolute(program)) return existsSync(program);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The Debian packages of the missing ones of `programs` ('program' or 'program:package'). */
const missingPackages = (programs) =>
  programs
    .map((entry) => entry.split(':'))
    .filter(([program]) => !isThere(program))
    .map(([program, name = program]) => name);

/** Runs apt-get, with sudo unless this user is root. Resolves with true on success. */
async function aptGet(...args) {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive'];
  const [program, ...rest] = [...asRoot, 'apt-get', '-qq', ...args];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return (await run(program, rest, { capture: true, env })).code === 0;
}

/** Installs the missing ones of `programs`, or ends the process with their names. */
export async function ensurePrograms(programs) {
  const wanted = missingPackages(programs);
  if (wanted.length === 0) return;
  if (isThere('apt-get')) {
    say(`installing ${wanted.join(' ')}`);
    await aptGet('update');
    await aptGet('install', '--yes', '--no-install-recommends', ...wanted);
  }
  const missing = missingPackages(programs);
  if (missing.length > 0) fail(`missing, by the names of Debian's packages: ${missing.join(' ')}`);
}
