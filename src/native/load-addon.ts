/** Finds and loads the addon, or explains why it cannot. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type NodeGypBuild from 'node-gyp-build';

import { describeLoadFailure } from './load-failure.js';
import { describeDenial } from '../base/permission.js';

/**
 * Why wsfd cannot run in this runtime; undefined where it can. Checked before the addon is loaded:
 * on Windows, a call of a function that the program does not export ends the process.
 */
function unfitRuntime(): string | undefined {
  const { electron, bun, deno, openssl } = process.versions;
  if (electron !== undefined) return `Electron ${electron}, which has no OpenSSL 3`;
  if (bun !== undefined) return `Bun ${bun}, which has neither OpenSSL 3 nor libuv`;
  if (deno !== undefined) return `Deno ${deno}, which has neither OpenSSL 3 nor libuv`;
  // A Node built without TLS has no OpenSSL version.
  const found = openssl as string | undefined;
  if (found?.startsWith('3.') === true) return undefined;
  return `Node.js ${process.version} with ${found === undefined ? 'no OpenSSL' : `OpenSSL ${found}`}`;
}

/** True if this is the folder of a package wsfd. */
function isPackage(folder: string): boolean {
  try {
    const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
    return (JSON.parse(text) as { name?: unknown }).name === 'wsfd';
  } catch (error) {
    // A file that may not be read may exist.
    return /^E(ACCES|PERM|RR_ACCESS_DENIED)$/.test((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** Loaded when needed: the permission model may forbid reading it. */
const nodeGypBuild = (): typeof NodeGypBuild => require('node-gyp-build') as typeof NodeGypBuild;

/** Loads the addon beside a bundle; node-gyp-build would load any package's. */
function loadBeside(folder: string): unknown {
  const file = nodeGypBuild().resolve(folder);
  if (path.basename(file).startsWith('wsfd')) return nodeGypBuild()(folder);
  throw new Error(`No native build was found; ${file} is another package's`);
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};

/** `linux-x64 (glibc, musl)` …, as the files are named. */
function prebuiltIn(folder: string): string[] {
  return namesIn(folder).flatMap((platform) => {
    const files = namesIn(path.join(folder, platform)).filter((name) => name.startsWith('wsfd'));
    const libcs = files.flatMap((name) => /\.(glibc|musl)\.node$/.exec(name)?.[1] ?? []);
    if (files.length === 0) return [];
    return libcs.length === 0 ? platform : `${platform} (${libcs.join(', ')})`;
  });
}

function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as unknown as {
    header: { glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime;
}

/**
 * The package's folder; undefined if this file is in a bundle. In the package, it is part of a file
 * in dist/, or in modules/native/.
 */
const packageFolder = (): string | undefined =>
  ['..', '../..'].map((way) => path.join(__dirname, way)).find(isPackage);

/** The addon's exports; throws an error that says what is wrong and what to do. */
export function loadAddon(): unknown {
  const unfit = unfitRuntime();
  if (unfit !== undefined) {
    throw new Error(
      `wsfd cannot run here: this is ${unfit}. It uses the OpenSSL 3, libuv and zlib that Node.js ` +
        `18 and newer bring along.`,
    );
  }
  const folder = packageFolder();
  try {
    return folder === undefined ? loadBeside(__dirname) : nodeGypBuild()(folder);
  } catch (cause) {
    const denial = describeDenial(cause, folder ?? __dirname);
    if (denial !== undefined) throw new Error(denial, { cause });
    const reason = (cause instanceof Error ? cause.message : String(cause)).trim();
    const { platform, arch, version: nodeVersion } = process;
    const bundle = folder === undefined ? __dirname : undefined;
    const searched = /loaded from: (.*)/.exec(reason)?.[1] ?? folder ?? __dirname;
    const prebuilt = prebuiltIn(path.join(searched, 'prebuilds'));
    const plugAndPlay = 'pnp' in process.versions;
    const known = { platform, arch, nodeVersion, glibc: glibcVersion(), prebuilt, plugAndPlay };
    throw new Error(describeLoadFailure({ reason, bundle, ...known }), { cause });
  }
}
