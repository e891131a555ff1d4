/** Finds node-gyp, which is no dependency because npm brings it. */
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const inPackage = path.join('node-gyp', 'bin', 'node-gyp.js');
const inNpm = path.join('node_modules', inPackage);

/** The result of `find`; undefined if it throws. */
function tryTo(find: () => string): string | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** The places of node-gyp for an npm in this folder of PATH. */
const placesOfNpm = (folder: string): (string | undefined)[] => [
  // npm.cmd has npm beside itself,
  path.join(folder, 'node_modules', 'npm', inNpm),
  // elsewhere npm is a link to npm/bin/npm-cli.js,
  tryTo(() => path.join(path.dirname(realpathSync(path.join(folder, 'npm'))), '..', inNpm)),
  // or a shell script beside Node's lib/.
  path.join(folder, '..', 'lib', 'node_modules', 'npm', inNpm),
];

/**
 * A JavaScript file to be run by Node; undefined: there may be a program `node-gyp` in PATH.
 * `project` is the folder of the user's own package.
 */
export function findNodeGyp(
  env: NodeJS.ProcessEnv,
  project: string,
  node = process.execPath,
): string | undefined {
  const folders = [path.dirname(node), ...(env['PATH'] ?? '').split(path.delimiter)];
  const places = [
    // npm sets it for its scripts.
    env['npm_config_node_gyp'],
    tryTo(() =>
      createRequire(path.join(project, 'package.json')).resolve('node-gyp/bin/node-gyp.js'),
    ),
    ...folders.flatMap(placesOfNpm),
  ];
  return places.find((place) => place !== undefined && place !== '' && existsSync(place));
}
