/** Node's permission model: `--permission`, `--experimental-permission`. */
import path from 'node:path';

interface Permission {
  has(scope: string, reference?: string): boolean;
}

/** Undefined: the permission model is off. */
const { permission } = process as { permission?: Permission };

const knowsNetwork =
  permission !== undefined && process.allowedNodeEnvironmentFlags.has('--allow-net');

/** `--permission-audit` warns of missing permissions, and refuses nothing. */
const isAudit = [process.execArgv.join(' '), process.env['NODE_OPTIONS'] ?? ''].some((options) =>
  options.includes('--permission-audit'),
);

/** True where node:net would refuse to connect. Before Node 25 the model has no network scope. */
export const isNetworkDenied = (): boolean => knowsNetwork && !isAudit && !permission.has('net');

/** A file's name without the prefix that Node.js 20 gives it on Windows, which no option takes. */
const withoutPrefix = (file: string): string =>
  file.replace(/^\\\\\?\\(?:(UNC)\\)?/, (_, unc?: string) => (unc === undefined ? '' : '\\\\'));

/**
 * The error text with the permissions that loading the package in `folder` needs; undefined where
 * `cause` is not a missing permission.
 */
export function describeDenial(cause: unknown, folder: string): string | undefined {
  const { code, resource, message } = cause as Partial<Record<string, unknown>>;
  const refused = ['ERR_ACCESS_DENIED', 'ERR_DLOPEN_DISABLED'].includes(String(code));
  // (node-gyp-build finds nothing in a folder that it may not read)
  if (permission === undefined || (!refused && permission.has('fs.read', folder))) return undefined;
  const loader = /^.*[\\/]node-gyp-build(?=[\\/])/.exec(withoutPrefix(String(resource)))?.[0];
  const folders = [folder, loader ?? path.join(folder, '..', 'node-gyp-build')];
  const places = folders.map((it) => it + path.sep);
  // node-gyp-build looks there for the C library of the system.
  if (process.platform === 'linux') places.push('/etc/alpine-release');
  const flags = ['--allow-addons', ...places.map((place) => `--allow-fs-read=${place}`)];
  const network = knowsNetwork ? ', and to connect --allow-net' : '';
  return (
    `wsfd could not load its native part: the permission model of Node.js is on, and it takes ` +
    `${flags.join(' ')}${network}. Node.js says: ${String(message)}`
  );
}
