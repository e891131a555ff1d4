// Test files that are not run on a system of systems.mjs, and why.

const everywhere = ['windows', 'arm64', 'debian-11', 'musl'];

/** Of rows that name the same file and system, the first gives the reason. */
export const rows = [
  {
    systems: ['linux'],
    files: /^test\/(integration|websocket)\//,
    reason: 'npm run test:node-versions has them',
  },
  { systems: ['linux'], files: /./, reason: "npm test has them, on the machine's own Node" },
  {
    systems: everywhere,
    files:
      /^test\/(scripts|bench|soak|fuzz|faults|package)\/|^test\/(documentation|documents|links|package-files)\./,
    reason: "about the repository and its tools, on the developer's own machine",
  },
  {
    systems: ['arm64'],
    files: /^test\/integration\/reading\/(backpressure|large|steady)-memory\./,
    reason: "resident memory there is qemu's, with all the code that it has translated",
  },
];

/** Why a test file is left out on a system; undefined where it is run. */
export const reasonFor = (system, file) =>
  rows.find((row) => row.systems.includes(system) && row.files.test(file))?.reason;
