// The targets whose binary this project makes, and what is known of each.

/**
 * By target, platform and architecture as Node calls them: how Linux on x64 builds for it.
 *
 * programs  what the build runs, or a file, and after ':' the Debian package that has it
 * tools     environment variables of the build, as node-gyp and make take them
 * gyp       further arguments of gyp
 */
export const targets = {
  'linux-x64': {
    programs: ['g++', 'make', 'readelf:binutils', '/lib/ld-musl-x86_64.so.1:musl'],
    tools: {},
    gyp: [],
  },
  'linux-arm64': {
    programs: [
      'aarch64-linux-gnu-g++:g++-aarch64-linux-gnu',
      ...['make', 'readelf:binutils', '/lib/ld-musl-x86_64.so.1:musl'],
    ],
    tools: {
      CC: 'aarch64-linux-gnu-gcc',
      CXX: 'aarch64-linux-gnu-g++',
      AR: 'aarch64-linux-gnu-ar',
      STRIP: 'aarch64-linux-gnu-strip',
    },
    gyp: [],
  },
  'win32-x64': {
    programs: ['make', 'x86_64-w64-mingw32-g++-posix:g++-mingw-w64-x86-64-posix'],
    tools: {
      CC: 'x86_64-w64-mingw32-gcc-posix',
      CXX: 'x86_64-w64-mingw32-g++-posix',
      AR: 'x86_64-w64-mingw32-ar',
      STRIP: 'x86_64-w64-mingw32-strip',
    },
    gyp: ['-f', 'make-win'],
  },
};

/** The npm package that carries nothing but Node's binary for a target. */
export const carrierOf = (name) => `node-${name.replace('win32', 'win')}`;

/** This machine's own target; it may be none of the table. */
export const ownTarget = `${process.platform}-${process.arch}`;

/** True where this machine can build for a target. */
export const canBuild = (name) =>
  name === ownTarget || (ownTarget === 'linux-x64' && name in targets);

/**
 * What a binary may ask of a Linux system: the versions that Node.js 18 and newer themselves need.
 * musl has no versions; the functions of the C library have to be among its own.
 */
export const newestVersions = { GLIBC: '2.28', GLIBCXX: '3.4.21', CXXABI: '1.3.9', GCC: '3.0' };

/** The major versions of Node.js that the package supports. */
export const supportedMajors = ['18', '20', '22', '24', '26'];
