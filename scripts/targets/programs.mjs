// What the scripts need of the system, installed by apt-get where that is possible.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { fail, run, say } from '../tools.mjs';

/** True where a program is in PATH, or a file is there that is named by its whole path. */
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

/** The Debian packages of those of `programs` ('program' or 'program:package') that are not there. */
const missingPackages = (programs) =>
  programs
    .map((entry) => entry.split(':'))
    .filter(([program]) => !isThere(program))
    .map(([program, name = program]) => name);

/** Runs apt-get, with sudo where this user may not. Resolves with true where it worked. */
async function aptGet(...args) {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive'];
  const [program, ...rest] = [...asRoot, 'apt-get', '-qq', ...args];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return (await run(program, rest, { capture: true, env })).code === 0;
}

/** Sees to it that all of `programs` can be run, or ends the process and says what is missing. */
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
