// The install script of the package: nothing to do where a prebuilt binary loads, else the addon is
// built from source. Where that fails too, the last lines say what is missing and how to get it.
import { spawn, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a build needs: how it is called, and the package that has it, by package manager. */
const needs = {
  python: { name: 'Python 3.8 or newer', apt: 'python3', dnf: 'python3', apk: 'python3' },
  make: { name: 'make', apt: 'make', dnf: 'make', apk: 'make' },
  compiler: { name: 'a C++17 compiler', apt: 'g++', dnf: 'gcc-c++', apk: 'g++' },
  headers: { name: "Node's headers, which could not be fetched" },
  nodeGyp: { name: 'node-gyp, which npm brings along' },
};

const windowsCommands = {
  python: 'winget install --exact --id Python.Python.3.13',
  compiler:
    'winget install --exact --id Microsoft.VisualStudio.2022.BuildTools --override ' +
    '"--add Microsoft.VisualStudio.Workload.VCTools --includeRecommended --passive --wait"',
};

/** The commands that get what is missing on a platform: [for whom, command] each. */
function commandsFor(platform, missing) {
  if (platform === 'win32') {
    return missing
      .filter((name) => name in windowsCommands)
      .map((name) => ['Windows', windowsCommands[name]]);
  }
  const tools = missing.filter((name) => 'apt' in needs[name]);
  if (tools.length === 0) return [];
  if (platform === 'darwin') return [['macOS', 'xcode-select --install']];
  const packages = (manager) => tools.map((name) => needs[name][manager]).join(' ');
  return [
    ['Debian, Ubuntu', `sudo apt-get install -y ${packages('apt')}`],
    ['Fedora, RHEL', `sudo dnf install -y ${packages('dnf')}`],
    ['Alpine', `sudo apk add ${packages('apk')}`],
  ];
}

/** The closing lines of a build that failed. */
export function adviceFor({ platform, arch, missing, loadFailure }) {
  const lines = [
    `wsfd: no prebuilt binary for ${platform}-${arch} could be loaded, and building one failed.`,
    `wsfd: the prebuilt binary: ${loadFailure}`,
  ];
  if (missing.length === 0) {
    lines.push('wsfd: the build: everything it needs seems to be there; its messages stand above.');
    return lines;
  }
  lines.push(`wsfd: the build: missing: ${missing.map((name) => needs[name].name).join('; ')}`);
  for (const [whom, command] of commandsFor(platform, missing)) lines.push(`  ${whom}: ${command}`);
  if (missing.includes('headers')) {
    lines.push(
      '  Headers: they come from where Node itself does: let npm through to there (npm config set',
      '  proxy), or name a folder that has include/node, as in npm_config_nodedir=/usr (Debian:',
      '  libnode-dev, Fedora: nodejs-devel).',
    );
  }
  if (missing.includes('nodeGyp')) lines.push('  node-gyp: npm install --global node-gyp');
  lines.push('wsfd: then install it once more.');
  return lines;
}

/** Loads the native part as a program would, in a process of its own: '', or why it fails. */
function tryLoading() {
  const code = `require('node-gyp-build')(${JSON.stringify(root)})`;
  const { status, stderr, error } = spawnSync(process.execPath, ['-e', code], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) return '';
  const message = /^\w*Error: (.*)$/m.exec(stderr ?? '')?.[1];
  return message ?? error?.message ?? `loading it ended with status ${String(status)}`;
}

/** npm's own node-gyp, else one that is installed: [program, arguments]. */
function findNodeGyp() {
  const ofNpm = process.env.npm_config_node_gyp;
  if (ofNpm !== undefined && ofNpm !== '') return [process.execPath, [ofNpm]];
  try {
    return [process.execPath, [require.resolve('node-gyp/bin/node-gyp.js')]];
  } catch {
    return ['node-gyp', []];
  }
}

/** Runs the build, its output as it comes: { code, output }. */
function build() {
  const [program, args] = findNodeGyp();
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, [...args, 'rebuild', '--jobs', 'max'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && args.length === 0,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        process.stderr.write(text);
      });
    }
    child.once('error', () => resolve({ code: 127, output: '' }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** True if the command does what it is asked for; macOS has stand-ins that only fail. */
const works = (command) => spawnSync(command, { shell: true, stdio: 'ignore' }).status === 0;

/** What the build did not have, as keys of `needs`. */
function findMissing({ code, output }) {
  if (code === 127 && output === '') return ['nodeGyp'];
  const { env, platform } = process;
  const missing = [];
  const oldEnough = '-c "import sys; sys.exit(sys.version_info < (3, 8))"';
  const pythons = [
    env.npm_config_python,
    env.NODE_GYP_FORCE_PYTHON,
    env.PYTHON,
    'python3',
    'python',
  ];
  const hasPython = pythons.some((name) => name && works(`"${name}" ${oldEnough}`));
  if (/Could not find any Python/i.test(output) || (platform !== 'win32' && !hasPython)) {
    missing.push('python');
  }
  if (platform === 'win32') {
    if (/Could not find any Visual Studio/i.test(output)) missing.push('compiler');
  } else {
    if (!works(`${env.MAKE ?? 'make'} --version`)) missing.push('make');
    const compiler = env.CXX ?? (platform === 'darwin' ? 'c++' : 'g++');
    if (!works(`${compiler} --version`)) missing.push('compiler');
  }
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|response downloading|SELF_SIGNED/.test(output)) {
    missing.push('headers');
  }
  return missing;
}

async function install() {
  const { node, openssl = 'none' } = process.versions;
  if (Number.parseInt(node, 10) < 18 || !openssl.startsWith('3.')) {
    console.error(
      `wsfd: it needs Node.js 18 or newer with its OpenSSL 3; this is ${node} with ${openssl}`,
    );
    return 1;
  }
  // `npm install --build-from-source`, or =wsfd, as it is usual.
  const asked = ['true', 'wsfd'].includes(process.env.npm_config_build_from_source ?? '');
  const loadFailure = asked ? 'building from source was asked for' : tryLoading();
  if (loadFailure === '') return 0;
  console.error(`wsfd: ${loadFailure}; building it from source, which takes a minute`);
  const result = await build();
  const { platform, arch } = process;
  if (result.code !== 0) {
    const missing = findMissing(result);
    console.error(adviceFor({ platform, arch, missing, loadFailure }).join('\n'));
    return 1;
  }
  const failure = tryLoading();
  if (failure === '') return 0;
  console.error(`wsfd: it was built for ${platform}-${arch}, and does not load: ${failure}`);
  return 1;
}

const [, program] = process.argv;
if (program !== undefined && realpathSync(program) === fileURLToPath(import.meta.url)) {
  process.exitCode = await install();
}
