// scripts/check-layers.mjs: what it lets pass and what it does not.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { importScript } from '../support/scripts';

interface Module {
  checkLayers(base?: string): string[];
}

const load = () => importScript<Module>('check-layers.mjs');

/** What is said of a repository that holds these files alone. */
async function check(t: TestContext, files: Record<string, string>): Promise<string[]> {
  const base = mkdtempSync(join(tmpdir(), 'wsfd-layers-'));
  t.after(() => {
    rmSync(base, { recursive: true });
  });
  for (const folder of ['native', 'src', 'test', 'bench', 'examples', 'scripts']) {
    mkdirSync(join(base, folder));
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), text);
  }
  return (await load()).checkLayers(base);
}

/** A file of one line, and the fault that is found in it; undefined: none is. */
const cases: [name: string, text: string, fault: string | undefined][] = [
  ['scripts/a.mjs', "import { join } from 'node:path';", undefined],
  ['scripts/a.mjs', "import { root } from './tools.mjs';", undefined],
  ['scripts/a.mjs', "const { format } = await import('prettier');", undefined],
  [
    'scripts/a.mjs',
    "import { format } from 'prettier';",
    "a script runs before 'prettier' is there: only node: and other scripts up here",
  ],
  ['native/frame/a.cc', '#include "base/error.h"', undefined],
  ['native/frame/a.cc', '#include "frame/mask.h"', undefined],
  ['native/connection/a.h', '#include "frame/mask.h"', undefined],
  ['native/driver/a.h', '#include <uv.h>', undefined],
  ['native/driver/a.cc', '#include <sys/socket.h>', undefined],
  ['native/tls/a.cc', '#include <sys/socket.h>', 'native/tls may not include <sys/socket.h>'],
  ['native/base/a.h', '#include <vector>', undefined],
  ['native/base/a.h', '#include "frame/mask.h"', 'native/base may not include "frame/mask.h"'],
  ['native/frame/a.cc', '#include "tls/session.h"', 'native/frame may not include "tls/session.h"'],
  ['native/tls/a.cc', '  #  include "frame/mask.h"', 'native/tls may not include "frame/mask.h"'],
  ['native/driver/a.cc', '#include "binding/a.h"', 'native/driver may not include "binding/a.h"'],
  [
    'test/native/testing/a.cc',
    '#include "driver/loop.h"',
    'test/native/testing may not include "driver/loop.h"',
  ],
  ['test/native/testing/a.cc', '#include "test/native/reference/a.h"', undefined],
  [
    'native/frame/a.cc',
    '#include "test/native/reference/a.h"',
    'native/frame may not include "test/native/reference/a.h"',
  ],
  ['native/frame/a.cc', '#include "mask.h"', '"mask.h" is not a path relative to native/'],
  [
    'native/frame/a.cc',
    '#include "../base/a.h"',
    '"../base/a.h" is not a path relative to native/',
  ],
  ['native/connection/a.cc', '#include <uv.h>', 'native/connection may not include <uv.h>'],
  ['native/driver/a.cc', '#include <node_api.h>', 'native/driver may not include <node_api.h>'],
  ['native/binding/a.cc', '#include <node_api.h>', undefined],
  ['native/driver/a.cc', '#include <napi.h>', 'native/driver may not include <napi.h>'],
  ['native/binding/a.cc', '#include <napi.h>', undefined],
  ['test/native/testing/a.cc', '#include <napi.h>', undefined],
  ['native/frame/a.cc', '#include <openssl/evp.h>', 'native/frame may not include <openssl/evp.h>'],
  [
    'native/binding/a.cc',
    '#include <openssl/ssl.h>',
    'native/binding may not include <openssl/ssl.h>',
  ],
  [
    'native/frame/a.cc',
    '#include <winsock2.h>',
    "<winsock2.h> is in nobody's list of system headers",
  ],
  [
    'native/connection/a.cc',
    '#include <chrono>',
    'native/connection is pure: it may not include <chrono>',
  ],
  ['native/binding/a.cc', 'uv_loop_t* loop;', undefined],
  ['native/binding/a.cc', 'uv_close(handle, nullptr);', 'binding may not use uv_close'],
  ['native/other/a.cc', '', 'native/other is not in the architecture'],
];

const lines = (count: number, text: string): string => `${text}\n`.repeat(count);

describe('arrows', () => {
  for (const [name, text, fault] of cases) {
    test(`${name}: ${text}`, async (t) => {
      const found = await check(t, { [name]: `${text}\n` });
      assert.deepEqual(found, fault === undefined ? [] : [`${name}:1: ${fault}`]);
    });
  }

  test('every fault is found, with its line', async (t) => {
    const text = '#include <cstdint>\n\n#include <uv.h>\n#include "tls/wire.h"\n';
    assert.deepEqual(await check(t, { 'native/frame/a.cc': text, 'native/base/a.cc': '' }), [
      'native/frame/a.cc:3: native/frame may not include <uv.h>',
      'native/frame/a.cc:4: native/frame may not include "tls/wire.h"',
    ]);
  });

  test('this repository has no fault', async () => {
    assert.deepEqual((await load()).checkLayers(), []);
  });
});

describe('sizes', () => {
  test('a file may have 500 lines', async (t) => {
    assert.deepEqual(await check(t, { 'test/a.ts': lines(500, '//') }), []);
    const found = await check(t, { 'test/a.ts': lines(501, '//') });
    assert.deepEqual(found, ['test/a.ts:501: 501 lines, over 500']);
  });
});
