// The addon in which things can be made to fail, test/native/faults: it stands in a folder of its own, to
// which WSFD_PREBUILD leads node-gyp-build.
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const kinds = ['alloc', 'uv', 'zlib', 'openssl', 'napi'] as const;
export type Kind = (typeof kinds)[number];

export interface Faults {
  /** The n-th use of calls of that kind fails, or of that one symbol; '': of any. */
  arm(kind: Kind, symbol: string, n: number): void;
  /** What failed since then, if anything did. */
  disarm(): string | undefined;
  /** True if an error is on this thread's queue of OpenSSL's, which is empty after it. */
  errorLeft(): boolean;
  /** Blocks of memory that the addon has allocated and not freed. */
  liveBlocks(): number;
}

const folder = process.env['WSFD_PREBUILD'];
if (folder === undefined) throw new Error('WSFD_PREBUILD does not say where the addon is');
const file = join(folder, 'build', 'Release', 'wsfd.node');

export const { faults } = createRequire(__filename)(file) as { faults: Faults };
