// The stages of the checks, in order: those that fail most often come first.

/** Programs and files that the stages need, and their packages (scripts/targets/programs.mjs). */
export const systemPrograms = [
  ...['clang-tidy', 'clang-14', 'valgrind', 'g++', 'make', 'python3'],
  ...['tinyproxy', 'microsocks', 'squid', 'danted:dante-server', 'nginx:nginx-light', 'mosquitto'],
  'nats-server',
  'gnutls-serv:gnutls-bin',
  ...['ip:iproute2', 'iptables', 'zsh', 'fish', 'groff:groff-base'],
  // The fuzzers are linked with Debian's OpenSSL and zlib.
  '/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux:libclang-rt-14-dev',
  ...['/usr/include/openssl/ssl.h:libssl-dev', '/usr/include/zlib.h:zlib1g-dev'],
];

/** In the line about a fuzzer's target that failed. */
export const foundSomething = 'FOUND SOMETHING';

/** A line of a test, a fault, a fuzzer or a sanitizer that failed. */
export const isFailure = (line) =>
  /^\s*✖ |ERROR: \w+Sanitizer|ERROR: libFuzzer|: runtime error: /.test(line) ||
  line.includes(foundSomething);

const targets = (name, ...args) => ({
  name,
  script: 'test:targets',
  args,
  counts: [/^wsfd: (\d+ of \d+ runs passed.*)$/],
});

/**
 * name    in the closing table
 * script  of package.json, and its args
 * counts  patterns of the lines with counts in its output; absent: those of Node's test runner
 * ci      its settings in CI; absent: CI leaves the stage out. Required: CI runs it to its end
 *         whatever the time
 */
export const stages = [
  { name: 'lint, types and tests', script: 'test', args: [], ci: { required: true } },
  { ...targets('other targets and other versions of Node', '--short'), ci: { required: true } },
  { name: 'the package', script: 'check:package', args: [], ci: { required: true } },
  {
    name: 'all tests under sanitizers',
    script: 'test:sanitized',
    args: [],
    counts: [/^wsfd: (pass \d+, skipped \d+; run again.*)$/],
    ci: {},
  },
  {
    name: 'faults in turn',
    script: 'faults',
    args: [],
    counts: [/^(\d+ passed, \d+ failed)$/],
    ci: { args: ['--short'] },
  },
  {
    name: 'the fuzzers',
    script: 'fuzz',
    args: [],
    counts: [],
    ci: { args: ['--seconds', '30'] },
  },
  targets('all tests on Windows', 'windows'),
  targets('all tests on arm64', 'arm64'),
  targets('all tests on older libraries and musl', 'debian-11', 'musl'),
  { name: 'the integration tests on every Node', script: 'test:node-versions', args: [] },
  { name: 'tests in their long form', script: 'test:long', args: [] },
  { name: 'which lines run', script: 'coverage', args: [], counts: [] },
];
