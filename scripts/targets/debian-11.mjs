// Debian 11's C and C++ libraries, in a folder of their own: glibc 2.31, and libstdc++ of GCC 10.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root, run } from '../tools.mjs';

const folder = join(root, '.cache', 'targets', 'debian-11');
const packages = ['libc6', 'libstdc++6', 'libgcc-s1'];

async function must(program, args, options) {
  const { code, output } = await run(program, args, { capture: true, ...options });
  if (code !== 0) fail(`${program} ${args.join(' ')} failed: ${output}`);
  return output;
}

/** The mirror that this machine takes Debian's packages from. */
async function findMirror() {
  const filters = ['Created-By: Packages', 'Label: Debian'];
  const output = await must('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...filters]);
  const [mirror] = output.split('\n');
  return mirror || fail("no mirror of Debian is among this machine's apt sources");
}

/** Options of apt-get, so that it knows of Debian 11 alone and leaves the machine as it is. */
function ownState(apt) {
  const settings = {
    'Dir::Etc::SourceList': join(apt, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': apt,
    'APT::Sandbox::User': 'root',
    'APT::Architecture': 'amd64',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** Fetches them, if they are not there yet. Resolves with { loader, libraries: folders }. */
export async function debian11Libraries() {
  const system = join(folder, 'system');
  const libraries = ['lib', 'usr/lib'].map((path) => join(system, path, 'x86_64-linux-gnu'));
  const loader = join(libraries[0], 'ld-2.31.so');
  if (existsSync(loader)) return { loader, libraries };
  const apt = join(folder, 'apt');
  for (const name of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(apt, name), { recursive: true });
  }
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
  writeFileSync(join(apt, 'sources.list'), `deb ${signed}${await findMirror()} bullseye main\n`);
  writeFileSync(join(apt, 'status'), '');
  await must('apt-get', [...ownState(apt), '-qq', 'update']);
  await must('apt-get', [...ownState(apt), '-qq', 'download', ...packages], { cwd: folder });
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.deb'))) {
    await must('dpkg-deb', ['-x', join(folder, name), system]);
  }
  return { loader, libraries };
}
