/** The needs of a build of the addon, and the commands that install the missing ones. */

interface Need {
  name: string;
  /** The package of each package manager. */
  apt?: string;
  dnf?: string;
  apk?: string;
  winget?: string;
}

const NEEDS = {
  python: {
    name: 'Python 3.8 or newer',
    apt: 'python3',
    dnf: 'python3',
    apk: 'python3',
    winget: 'Python.Python.3.13',
  },
  make: { name: 'make', apt: 'make', dnf: 'make', apk: 'make' },
  compiler: {
    name: 'a C++17 compiler',
    apt: 'g++',
    dnf: 'gcc-c++',
    apk: 'g++',
    winget:
      'Microsoft.VisualStudio.2022.BuildTools --override ' +
      '"--add Microsoft.VisualStudio.Workload.VCTools --includeRecommended --passive --wait"',
  },
  headers: { name: "Node's headers, which could not be fetched" },
  nodeGyp: { name: 'node-gyp, which npm brings along' },
} satisfies Record<string, Need>;

type NeedName = keyof typeof NEEDS;

/** How a build ended. */
export interface BuildResult {
  code: number;
  /** stdout and stderr together. */
  output: string;
}

/** The commands that install the missing needs, each with the name of its system. */
function commandsFor(platform: string, missing: readonly Need[]): string[] {
  if (platform === 'win32') {
    return missing.flatMap(({ winget }) =>
      winget === undefined ? [] : `  Windows: winget install --exact --id ${winget}`,
    );
  }
  if (!missing.some(({ apt }) => apt !== undefined)) return [];
  if (platform === 'darwin') return ['  macOS: xcode-select --install'];
  const packages = (manager: 'apt' | 'dnf' | 'apk'): string =>
    missing.flatMap((need) => need[manager] ?? []).join(' ');
  return [
    `  Debian, Ubuntu: sudo apt-get install -y ${packages('apt')}`,
    `  Fedora, RHEL: sudo dnf install -y ${packages('dnf')}`,
    `  Alpine: sudo apk add ${packages('apk')}`,
  ];
}

/** The closing lines of a build that failed. */
export function adviceFor(platform: string, missing: readonly NeedName[]): string {
  if (missing.length === 0) {
    return 'wsfd: the build failed. Everything it needs seems to be there; its messages stand above.';
  }
  const needs: Need[] = missing.map((name) => NEEDS[name]);
  const lines = [
    `wsfd: the build failed. Missing: ${needs.map(({ name }) => name).join('; ')}`,
    ...commandsFor(platform, needs),
  ];
  if (missing.includes('headers')) {
    lines.push(
      '  Headers: they come from where Node itself does: let npm through to there (npm config set',
      '  proxy), or name a folder that has include/node, as in npm_config_nodedir=/usr (Debian:',
      '  libnode-dev, Fedora: nodejs-devel).',
    );
  }
  if (missing.includes('nodeGyp')) lines.push('  node-gyp: npm install --global node-gyp');
  return [...lines, 'wsfd: then run this command again.'].join('\n');
}

/**
 * The missing needs of a failed build. `works` tells whether a shell command exits with 0: on macOS
 * a tool may be a stand-in that only fails.
 */
export function findMissing(
  { code, output }: BuildResult,
  platform: string,
  env: NodeJS.ProcessEnv,
  works: (command: string) => boolean,
): NeedName[] {
  if (code === 127 && output === '') return ['nodeGyp'];
  const missing: NeedName[] = [];
  const need = (name: NeedName, isMissing: boolean): void => {
    if (isMissing) missing.push(name);
  };
  if (platform === 'win32') {
    need('python', /Could not find any Python/i.test(output));
    need('compiler', /Could not find any Visual Studio/i.test(output));
  } else {
    const pythons = [env['npm_config_python'], env['NODE_GYP_FORCE_PYTHON'], env['PYTHON']];
    const oldEnough = '-c "import sys; sys.exit(sys.version_info < (3, 8))"';
    need(
      'python',
      /Could not find any Python/i.test(output) ||
        ![...pythons, 'python3', 'python'].some((name) => name && works(`"${name}" ${oldEnough}`)),
    );
    need('make', !works(`${env['MAKE'] ?? 'make'} --version`));
    need('compiler', !works(`${env['CXX'] ?? (platform === 'darwin' ? 'c++' : 'g++')} --version`));
  }
  need(
    'headers',
    /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|response downloading|SELF_SIGNED|network connectivity/.test(
      output,
    ),
  );
  return missing;
}
