// src/native/load-failure.ts: what loaders say, and what wsfd makes of that.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';

interface LoadFailure {
  reason: string;
  platform: string;
  arch: string;
  nodeVersion: string;
  glibc: string | undefined;
  prebuilt: readonly string[];
  bundle: string | undefined;
  plugAndPlay: boolean;
}

// This file runs as out/test/load-failure.test.js.
const module_ = join(__dirname, '..', '..', 'modules', 'native', 'load-failure.js');
const { describeLoadFailure } = createRequire(__filename)(module_) as {
  describeLoadFailure(failure: LoadFailure): string;
};

const describeIt = (failure: Partial<LoadFailure>): string =>
  describeLoadFailure({
    reason: '',
    platform: 'linux',
    arch: 'x64',
    nodeVersion: 'v24.1.0',
    glibc: '2.31',
    prebuilt: ['linux-arm64 (glibc)', 'linux-x64 (glibc)', 'win32-x64'],
    bundle: undefined,
    plugAndPlay: false,
    ...failure,
  });

const notFound = (place: string): string =>
  `No native build was found for ${place} node=24.1.0\n    loaded from: /app/node_modules/wsfd`;
const file = '/app/node_modules/wsfd/prebuilds/linux-x64/wsfd.glibc.node';

/** What a loader says, and why it is so. */
const cases: [name: string, reason: string, why: RegExp, platform?: string][] = [
  [
    'another processor',
    notFound('platform=linux arch=riscv64 libc=glibc'),
    /no prebuilt binary for linux-riscv64 \(glibc\); it has linux-arm64 \(glibc\), linux-x64/,
  ],
  [
    'another C library',
    notFound('platform=linux arch=x64 libc=musl'),
    /no prebuilt binary for linux-x64 \(musl\); it has/,
  ],
  [
    'another system',
    notFound('platform=freebsd arch=x64 libc=glibc'),
    /no prebuilt binary for freebsd-x64; it has/,
    'freebsd',
  ],
  [
    'an older glibc',
    `/lib/x86_64-linux-gnu/libc.so.6: version \`GLIBC_2.34' not found (required by ${file})`,
    /needs glibc 2\.34 or newer, and this system has 2\.31\./,
  ],
  [
    'an older libstdc++',
    `/lib/libstdc++.so.6: version \`GLIBCXX_3.4.30' not found (required by ${file})`,
    /needs a C\+\+ library \(libstdc\+\+\) with GLIBCXX_3\.4\.30/,
  ],
  [
    'musl under a binary for glibc',
    `Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by ${file})`,
    /is for glibc, and the C library of this system is musl/,
  ],
  [
    'musl with stand-ins for glibc',
    `Error relocating ${file}: __memcpy_chk: symbol not found`,
    /is for glibc, and the C library of this system is musl/,
  ],
  [
    'glibc under a binary for musl',
    'libc.musl-x86_64.so.1: cannot open shared object file: No such file or directory',
    /is for musl, and the C library of this system is glibc/,
  ],
  [
    'a file that is cut off',
    `${file}: file too short`,
    /damaged, or for another kind of processor: \/app\/node_modules\/wsfd\/prebuilds/,
  ],
  [
    "another processor's file on Windows",
    'A dynamic link library is not a valid Win32 application.',
    /damaged, or for another kind of processor\./,
    'win32',
  ],
  [
    "another processor's file on macOS",
    `dlopen(/x.node, 0x0001): tried: '/x.node' (mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))`,
    /damaged, or for another kind of processor\./,
    'darwin',
  ],
  ['what nobody has seen before', 'something else', /v24\.1\.0: something else\./],
];

describe('what a build from source mends', () => {
  for (const [name, reason, why, platform = 'linux'] of cases) {
    test(`${name} is told apart`, () => {
      const text = describeIt({ reason, platform });
      const [head = '', advice] = text.split('\n');
      assert.match(
        head,
        /^wsfd could not load its native part on \w+-x64 with Node\.js v24\.1\.0: /,
      );
      assert.match(head, why);
      assert.match(advice ?? '', /^"npx wsfd build" builds it from source/);
      assert.ok(text.includes(reason), text);
    });
  }

  test('is called as Yarn Plug’n’Play has it', () => {
    const reason = notFound('platform=linux arch=riscv64 libc=glibc');
    assert.match(describeIt({ reason, plugAndPlay: true }), /\n"yarn wsfd build" builds it/);
  });
});

const hopeless: [name: string, reason: string, why: RegExp, remedy: RegExp][] = [
  [
    'a Node without a function (glibc)',
    `${file}: undefined symbol: SSL_CTX_set0_tmp_dh_pkey`,
    /this Node\.js does not have the function SSL_CTX_set0_tmp_dh_pkey\./,
    /\nBuilding from source does not help: it takes a Node\.js 18/,
  ],
  [
    'a Node without a function (musl)',
    `Error relocating ${file}: uv_now: symbol not found`,
    /does not have the function uv_now\./,
    /\nBuilding from source does not help/,
  ],
  [
    'a Node without a function (macOS)',
    "dlopen(/x.node, 0x0001): symbol not found in flat namespace '_uv_now'",
    /does not have the function _uv_now\./,
    /\nBuilding from source does not help/,
  ],
  [
    'a Node without a function (Windows)',
    'The specified procedure could not be found.\n\\\\?\\C:\\x.node',
    /does not have a function that wsfd uses\./,
    /\nBuilding from source does not help/,
  ],
  [
    'a system without libstdc++',
    'libstdc++.so.6: cannot open shared object file: No such file or directory',
    /the C\+\+ library is missing\./,
    /\nAlpine: sudo apk add libstdc\+\+\n/,
  ],
  [
    'a file system without programs',
    `${file}: failed to map segment from shared object`,
    /a file system that does not let programs run \(noexec\)\./,
    /\nInstall it elsewhere/,
  ],
];

describe('what a build from source does not mend', () => {
  for (const [name, reason, why, remedy] of hopeless) {
    test(`${name} is told apart`, () => {
      const text = describeIt({ reason });
      assert.match(text, why);
      assert.match(text, remedy);
      assert.doesNotMatch(text, /wsfd build/);
    });
  }
});

describe('a bundle', () => {
  test('is told of both ways', () => {
    const text = describeIt({
      reason: notFound('platform=linux arch=x64 libc=glibc'),
      bundle: '/app/dist',
      prebuilt: [],
    });
    assert.match(
      text,
      /there is none beside the bundle\.\nIt was put into a bundle in \/app\/dist/,
    );
    assert.match(text, /external: \['wsfd'\].*or copy node_modules\/wsfd\/prebuilds/);
    assert.doesNotMatch(text, /wsfd build/);
  });

  test('whose binary does not load is told why', () => {
    const reason = "libc.so.6: version `GLIBC_2.34' not found";
    assert.match(describeIt({ reason, bundle: '/app/dist' }), /needs glibc 2\.34 or newer/);
  });
});
