// src/command/build-needs.ts: what is missing for a build, and what is said of it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';

interface Module {
  adviceFor(platform: string, missing: readonly string[]): string;
  findMissing(
    result: { code: number; output: string },
    platform: string,
    env: NodeJS.ProcessEnv,
    works: (command: string) => boolean,
  ): string[];
}

// This file runs as out/test/command/build-needs.test.js.
const root = join(__dirname, '..', '..', '..');
const module_ = join(root, 'modules', 'command', 'build-needs.js');
const { adviceFor, findMissing } = createRequire(__filename)(module_) as Module;

describe('what is missing for a build', () => {
  test('is named, with the commands of every distribution', () => {
    const text = adviceFor('linux', ['python', 'make', 'compiler']);
    assert.match(text, /Missing: Python 3\.8 or newer; make; a C\+\+17 compiler\n/);
    assert.match(text, /Debian, Ubuntu: sudo apt-get install -y python3 make g\+\+\n/);
    assert.match(text, /Fedora, RHEL: sudo dnf install -y python3 make gcc-c\+\+\n/);
    assert.match(text, /Alpine: sudo apk add python3 make g\+\+\n/);
    assert.match(text, /run this command again\.$/);
    assert.doesNotMatch(text, /Windows|macOS|Headers/);
  });

  test('alone is asked for', () => {
    const text = adviceFor('linux', ['compiler']);
    assert.match(text, /Missing: a C\+\+17 compiler\n/);
    assert.match(text, /apt-get install -y g\+\+\n/);
  });

  test('comes with macOS in one command', () => {
    const text = adviceFor('darwin', ['make', 'compiler']);
    assert.match(text, /macOS: xcode-select --install/);
    assert.doesNotMatch(text, /apt-get/);
  });

  test('comes from winget on Windows', () => {
    const text = adviceFor('win32', ['python', 'compiler']);
    assert.match(text, /Windows: winget install .*Python\.Python/);
    assert.match(text, /Windows: winget install .*BuildTools.*VCTools/);
  });

  test('can be the headers', () => {
    const text = adviceFor('linux', ['headers']);
    assert.match(text, /npm_config_nodedir=\/usr/);
    assert.doesNotMatch(text, /apt-get/);
  });

  test('can be node-gyp', () => {
    assert.match(adviceFor('linux', ['nodeGyp']), /npm install --global node-gyp/);
  });

  test('can be nothing that is known', () => {
    assert.match(adviceFor('linux', []), /Everything it needs seems to be there/);
  });
});

describe('finding what is missing', () => {
  const failed = { code: 1, output: '' };
  const all = (): boolean => true;

  test('asks for what node-gyp calls', () => {
    assert.deepEqual(findMissing(failed, 'linux', {}, all), []);
    const none = findMissing(failed, 'linux', {}, () => false);
    assert.deepEqual(none, ['python', 'make', 'compiler']);
    const without = (program: string) =>
      findMissing(failed, 'linux', {}, (command) => !command.startsWith(program));
    assert.deepEqual(without('make'), ['make']);
    assert.deepEqual(without('g++'), ['compiler']);
    assert.deepEqual(without('"python3"'), []);
    assert.deepEqual(without('"python'), ['python']);
  });

  test('asks for the programs that the environment names', () => {
    const env = { CXX: 'clang++', MAKE: 'gmake', PYTHON: 'python3.11' };
    const asked: string[] = [];
    findMissing(failed, 'linux', env, (command) => {
      asked.push(command.split(' ')[0] ?? '');
      return true;
    });
    assert.deepEqual(asked, ['"python3.11"', 'gmake', 'clang++']);
  });

  test('goes by what node-gyp says on Windows', () => {
    const say = (output: string) => findMissing({ code: 1, output }, 'win32', {}, () => false);
    assert.deepEqual(say('gyp ERR! find VS Could not find any Visual Studio installation'), [
      'compiler',
    ]);
    assert.deepEqual(say('Could not find any Python installation to use'), ['python']);
    assert.deepEqual(say('error C2065'), []);
  });

  test('sees that the headers could not be fetched', () => {
    const output = 'gyp ERR! stack Error: getaddrinfo EAI_AGAIN nodejs.org';
    assert.deepEqual(findMissing({ code: 1, output }, 'linux', {}, all), ['headers']);
  });

  test('sees that there was no node-gyp', () => {
    assert.deepEqual(findMissing({ code: 127, output: '' }, 'linux', {}, all), ['nodeGyp']);
  });
});
