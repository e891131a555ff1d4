// The targets whose binary this project makes, and the properties of each.

/**
 * By target, platform and architecture as Node calls them: how Linux on x64 builds for it.
 *
 * programs  a program or file that the build needs, and after ':' its Debian package
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

/** The npm package that holds only Node's binary for a target. */
export const carrierOf = (name) => `node-${name.replace('win32', 'win')}`;

/** This machine's own target, which may be absent from the table. */
export const ownTarget = `${process.platform}-${process.arch}`;

/** True where this machine can build for a target. */
export const canBuild = (name) =>
  name === ownTarget || (ownTarget === 'linux-x64' && name in targets);

/**
 * The newest versions of libraries that a binary for Linux may need, as Node.js 18 and newer need
 * them. musl has no versions: it must have all functions of the C library that the binary imports.
 */
export const newestVersions = { GLIBC: '2.28', GLIBCXX: '3.4.21', CXXABI: '1.3.9', GCC: '3.0' };

/** The major versions of Node.js that the package supports. */
export const supportedMajors = ['18', '20', '22', '24', '26'];
