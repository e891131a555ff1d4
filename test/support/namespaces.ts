// Namespaces of Linux, for what a test could not do to the whole machine. Where none can be made
// (another system, a container without the right) the tests that need one are left out, unless the
// environment has WSFD_REQUIRE_NAMESPACES, which makes that a failure.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { programEnvironment } from './programs';

/** True if this command, which makes a namespace and uses it, succeeds. */
export function namespacesPossible(command: readonly string[]): boolean {
  const [program = '', ...parameters] = command;
  const possible = spawnSync(program, parameters, { env: programEnvironment() }).status === 0;
  const required = process.env['WSFD_REQUIRE_NAMESPACES'] !== undefined;
  assert.ok(possible || !required, `WSFD_REQUIRE_NAMESPACES is set, and not possible: ${program}`);
  return possible;
}
