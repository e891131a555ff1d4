/** Explains why the addon does not load, and what to do about it. */

export interface LoadFailure {
  /** The message of node-gyp-build or the dynamic linker. */
  reason: string;
  platform: string;
  arch: string;
  nodeVersion: string;
  /** The glibc version of this process; undefined: none, or unknown. */
  glibc: string | undefined;
  /** The platforms that the package has binaries for: `linux-x64 (glibc)` … */
  prebuilt: readonly string[];
  /** The folder of the bundle with wsfd in it; undefined: none. */
  bundle: string | undefined;
  /** Yarn Plug'n'Play is in use, where npx finds no command of a dependency. */
  plugAndPlay: boolean;
}

/** The fault, and a remedy where building from source does not help. */
interface Explanation {
  why: string;
  remedy?: string;
}

const otherNode =
  'Building from source does not help: it takes a Node.js 18 or newer that shares OpenSSL, libuv ' +
  'and zlib with addons, as those of nodejs.org, Debian and Alpine do.';

/** Messages of the linkers of Linux (glibc, musl), macOS and Windows, and their meanings. */
const explanations: readonly [
  pattern: RegExp,
  explain: (match: RegExpExecArray, failure: LoadFailure) => Explanation,
][] = [
  [
    // Variables such as npm_config_arch may name another machine.
    /No native build was found for platform=(\w+) arch=(\w+).*/,
    ([reason, platform = '', arch = ''], { prebuilt }) => {
      const libc = platform === 'linux' ? (/libc=(\w+)/.exec(reason)?.[1] ?? '') : '';
      const sought = `${platform}-${arch}${libc === '' ? '' : ` (${libc})`}`;
      const there = prebuilt.length === 0 ? 'none at all' : prebuilt.join(', ');
      return { why: `the package has no prebuilt binary for ${sought}; it has ${there}` };
    },
  ],
  [
    /version [`']GLIBC_([\d.]+)' not found/,
    ([, needed = ''], { glibc = 'an older one' }) => ({
      why: `the prebuilt binary needs glibc ${needed} or newer, and this system has ${glibc}`,
    }),
  ],
  [
    /version [`']((?:GLIBCXX|CXXABI)_[\d.]+)' not found/,
    ([, needed = '']) => ({
      why: `the prebuilt binary needs a C++ library (libstdc++) with ${needed}; this system's is older`,
    }),
  ],
  [
    /ld-linux[\w.-]*: No such file|libc\.so\.6: No such file|\b__\w+_chk: symbol not found/,
    () => ({ why: 'the binary is for glibc, and the C library of this system is musl' }),
  ],
  [
    /libc\.musl[\w.-]*: cannot open/,
    () => ({ why: 'the binary is for musl, and the C library of this system is glibc' }),
  ],
  [
    /libstdc\+\+\.so/,
    () => ({
      why: 'the C++ library is missing',
      remedy:
        'Debian, Ubuntu: sudo apt-get install -y libstdc++6\n' +
        'Fedora, RHEL: sudo dnf install -y libstdc++\nAlpine: sudo apk add libstdc++',
    }),
  ],
  [
    /undefined symbol: (\w+)|[Ss]ymbol not found(?: in flat namespace)?:? ['"]?(\w+)|(\w+): symbol not found/,
    ([, linux, mac, musl]) => ({
      why: `this Node.js does not have the function ${linux ?? mac ?? musl ?? ''}`,
      remedy: otherNode,
    }),
  ],
  [
    /specified procedure could not be found/,
    () => ({ why: 'this Node.js does not have a function that wsfd uses', remedy: otherNode }),
  ],
  [
    /invalid ELF header|wrong ELF class|file too short|Exec format error|not a valid Win32|not a mach-o|incompatible architecture|slice is not valid/,
    ({ input }) => ({
      why: `the binary is damaged, or for another kind of processor${fileIn(input)}`,
    }),
  ],
  [
    /failed to map segment|Operation not permitted/,
    () => ({
      why: 'the package lies on a file system that does not let programs run (noexec)',
      remedy: 'Install it elsewhere, or mount that file system without noexec.',
    }),
  ],
];

/** The file that the message begins with, if it does. */
function fileIn(reason: string): string {
  const file = /^([^\n]+\.node): /.exec(reason)?.[1];
  return file === undefined ? '' : `: ${file}`;
}

function explain(failure: LoadFailure): Explanation {
  for (const [pattern, explanation] of explanations) {
    const match = pattern.exec(failure.reason);
    if (match !== null) return explanation(match, failure);
  }
  return { why: failure.reason };
}

function bundleAdvice(folder: string): string {
  return (
    `It was put into a bundle in ${folder}, and a bundle has no native part. Leave wsfd out of it ` +
    `(esbuild: external: ['wsfd'], webpack: externals: { wsfd: 'commonjs wsfd' }, Rollup: ` +
    `external: ['wsfd']), or copy node_modules/wsfd/prebuilds to the folder of the bundle.`
  );
}

/** The message of the error that loading wsfd throws. */
export function describeLoadFailure(failure: LoadFailure): string {
  const { reason, platform, arch, nodeVersion, prebuilt, bundle, plugAndPlay } = failure;
  const { why, remedy } = explain(failure);
  const command = plugAndPlay ? 'yarn wsfd build' : 'npx wsfd build';
  const build = `"${command}" builds it from source for this system, or says what that needs.`;
  const head = `wsfd could not load its native part on ${platform}-${arch} with Node.js ${nodeVersion}`;
  const alone =
    bundle !== undefined && prebuilt.length === 0 && reason.startsWith('No native build');
  return [
    `${head}: ${alone ? 'there is none beside the bundle' : why}.`,
    alone ? bundleAdvice(bundle) : (remedy ?? build),
    `docs/INSTALLING.md of the package says more. ${reason === why ? '' : `The loader says: ${reason}`}`,
  ]
    .join('\n')
    .trimEnd();
}
