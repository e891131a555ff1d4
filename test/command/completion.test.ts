// `wsfd completion SHELL`, asked by the shells themselves, and the manual page.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { runCommand, startInTerminal } from '../support/command';
import { loadModule } from '../support/modules';
import { programEnvironment } from '../support/programs';

// This file runs as out/test/command/completion.test.js.
const root = join(__dirname, '..', '..', '..');

const { completionFor } = loadModule('command/completion') as {
  completionFor(args: readonly string[]): string;
};
const { manualPage } = loadModule('command/manual') as { manualPage(): string };
const { FLAGS } = loadModule('command/flags') as { FLAGS: Record<string, unknown> };
const { EXIT_CODES } = loadModule('command/exit-codes') as {
  EXIT_CODES: readonly (readonly [code: number, when: string])[];
};

const env = programEnvironment();

const absent = (program: string): string | false =>
  spawnSync(program, ['--version'], { env }).error !== undefined && `there is no ${program} here`;

/** What bash offers for the last of these words. */
function offeredByBash(...words: readonly string[]): string[] {
  const script = `${completionFor(['bash'])}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wsfd; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script, 'bash', ...words], {
    encoding: 'utf8',
    env,
  });
  return output.split('\n').filter(Boolean);
}

describe('bash', { skip: absent('bash') }, () => {
  for (const [words, offered] of [
    [['wsfd', '--re'], ['--reconnect']],
    [['wsfd', 'in'], ['inspect']],
    [['wsfd', 'inspect', '--qu'], []],
    [['wsfd', 'inspect', '--pk'], ['--pkcs12']],
    [['wsfd', 'bench', '--du'], ['--duration']],
    [
      ['wsfd', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['wsfd', '--timeout', ''], []],
    [['wsfd', '--ca', join(root, 'package.')], [join(root, 'package.json')]],
    [['wsfd', '--ca', '=', join(root, 'package.')], [join(root, 'package.json')]],
    [['wsfd', '--timeout', '='], []],
  ] as const) {
    test(words.join(' '), () => {
      assert.deepEqual(offeredByBash(...words), offered);
    });
  }

  test('every option of the table is offered to someone', () => {
    const offered = ['', 'inspect', 'bench'].flatMap((command) =>
      offeredByBash('wsfd', ...(command === '' ? [] : [command]), '--'),
    );
    const missing = Object.keys(FLAGS).filter((name) => !offered.includes(`--${name}`));
    assert.deepEqual(missing, []);
  });
});

for (const shell of ['zsh', 'fish'] as const) {
  test(`${shell} takes its completion without an error`, { skip: absent(shell) }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wsfd-completion-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, '_wsfd');
    writeFileSync(file, completionFor([shell]));
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8', env });
    assert.deepEqual([status, stderr], [0, '']);
  });
}

/** What zsh makes of each line behind `wsfd` where Tab is pressed at its end, on a terminal. */
async function askZsh(t: TestContext, lines: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-completion-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, '_wsfd'), completionFor(['zsh']));
  const zsh = ['/usr/bin/env', 'zsh', '-f', '-i', '-s', '--'];
  const command = startInTerminal([], {}, 200, zsh);
  // The command's own name prints what it is given.
  const setup = `fpath=('${folder}' $fpath); autoload -U compinit; compinit -u -D`;
  command.type(`${setup}; wsfd() { print -r -- "<$*>" }; print ready | tr a-z A-Z\r`);
  await command.printed('READY');
  const made = (stdout: string): string[] =>
    Array.from(stdout.matchAll(/<([^"<>]*)>\r?\n/g), ([, text = '']) => text);
  for (const [index, line] of lines.entries()) {
    command.type(`wsfd ${line}\t\r`);
    await command.shows((stdout) => made(stdout).length > index);
  }
  command.type('exit\r');
  return made((await command.end()).stdout);
}

test('zsh offers what fits', { skip: absent('zsh') }, async (t) => {
  const made = await askZsh(t, [
    '--rec',
    'insp',
    'inspect --quiet',
    'bench --dur',
    'inspect wss://x/ --pk',
    'wss://x/ --clo',
    'completion f',
    `--ca ${join(root, 'package.')}`,
    `--ca=${join(root, 'package.')}`,
    '--timeout 5 --js',
    '-z --comp',
  ]);
  assert.deepEqual(made, [
    '--reconnect',
    'inspect',
    'inspect --quiet',
    'bench --duration',
    'inspect wss://x/ --pkcs12',
    'wss://x/ --close-at-end',
    'completion fish',
    `--ca ${join(root, 'package.json')}`,
    `--ca=${join(root, 'package.json')}`,
    '--timeout 5 --json',
    // What is there already is not offered again.
    '-z --comp',
  ]);
});

test('fish offers what fits', { skip: absent('fish') }, () => {
  const ask = (line: string): string[] =>
    execFileSync('fish', ['-c', `${completionFor(['fish'])}\ncomplete -C '${line}'`], {
      encoding: 'utf8',
      env,
    })
      .split('\n')
      .filter(Boolean)
      .map((offer) => offer.split('\t')[0] ?? '');
  assert.deepEqual(ask('wsfd --rec'), ['--reconnect']);
  assert.deepEqual(ask('wsfd insp'), ['inspect']);
  assert.deepEqual(ask('wsfd inspect --quiet'), []);
  assert.deepEqual(ask('wsfd bench --dur'), ['--duration']);
});

test('the command prints it, and says which shells there are', async () => {
  const { code, stdout } = await runCommand(['completion', 'bash']);
  assert.deepEqual([code, stdout], [0, completionFor(['bash'])]);
  for (const args of [[], ['tcsh'], ['bash', 'zsh']]) {
    const wrong = await runCommand(['completion', ...args]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /wsfd completion: expected one of bash, zsh, fish, got "/);
  }
});

test('docs/wsfd.1 is what the tables make of it', () => {
  assert.equal(readFileSync(join(root, 'docs', 'wsfd.1'), 'utf8'), manualPage());
});

test('the manual has every option and exit code', () => {
  for (const name of Object.keys(FLAGS)) {
    assert.ok(manualPage().includes(`\\fB\\-\\-${name.replaceAll('-', '\\-')}\\fR`), name);
  }
  for (const [code] of EXIT_CODES) assert.ok(manualPage().includes(`.TP\n${code}\n`), String(code));
});

test('groff finds nothing wrong with it', { skip: absent('groff') }, () => {
  const file = join(root, 'docs', 'wsfd.1');
  const { status, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', file], {
    encoding: 'utf8',
    env,
  });
  assert.deepEqual([status, stderr], [0, '']);
});

test('docs/COMMAND.md has the exit codes of the table', () => {
  const page = readFileSync(join(root, 'docs', 'COMMAND.md'), 'utf8');
  const rows = Array.from(page.matchAll(/^\| (\d+) +\| (.*?) *\|$/gm), ([, code, when]) => [
    Number(code),
    when,
  ]);
  assert.deepEqual(rows, EXIT_CODES);
});
