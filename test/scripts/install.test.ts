// scripts/install.mjs: what it says where the addon cannot be built.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importScript } from '../support/scripts';

interface Module {
  adviceFor(build: {
    platform: string;
    arch: string;
    missing: string[];
    loadFailure: string;
  }): string[];
}

async function advice(platform: string, ...missing: string[]): Promise<string> {
  const { adviceFor } = await importScript<Module>('install.mjs');
  const loadFailure = 'No native build was found';
  return adviceFor({ platform, arch: 'arm64', missing, loadFailure }).join('\n');
}

describe('what is missing for a build', () => {
  test('is named, with the commands of every distribution', async () => {
    const text = await advice('linux', 'python', 'make', 'compiler');
    assert.match(text, /no prebuilt binary for linux-arm64 .*\n.*No native build was found/);
    assert.match(text, /missing: Python 3\.8 or newer; make; a C\+\+17 compiler/);
    assert.match(text, /Debian, Ubuntu: sudo apt-get install -y python3 make g\+\+\n/);
    assert.match(text, /Fedora, RHEL: sudo dnf install -y python3 make gcc-c\+\+\n/);
    assert.match(text, /Alpine: sudo apk add python3 make g\+\+\n/);
    assert.doesNotMatch(text, /Windows|macOS|Headers/);
  });

  test('alone is asked for', async () => {
    const text = await advice('linux', 'compiler');
    assert.match(text, /missing: a C\+\+17 compiler\n/);
    assert.match(text, /apt-get install -y g\+\+\n/);
  });

  test('comes with macOS in one command', async () => {
    const text = await advice('darwin', 'make', 'compiler');
    assert.match(text, /macOS: xcode-select --install/);
    assert.doesNotMatch(text, /apt-get/);
  });

  test('comes from winget on Windows', async () => {
    const text = await advice('win32', 'python', 'compiler');
    assert.match(text, /Windows: winget install .*Python\.Python/);
    assert.match(text, /Windows: winget install .*BuildTools.*VCTools/);
  });

  test('can be the headers', async () => {
    const text = await advice('linux', 'headers');
    assert.match(text, /npm_config_nodedir=\/usr/);
    assert.doesNotMatch(text, /apt-get/);
  });

  test('can be node-gyp', async () => {
    assert.match(await advice('linux', 'nodeGyp'), /npm install --global node-gyp/);
  });

  test('can be nothing that is known', async () => {
    assert.match(await advice('linux'), /everything it needs seems to be there/);
  });
});
