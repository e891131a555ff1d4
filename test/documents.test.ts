// Every code block of README.md and of docs/ is type-checked and run. Its URL becomes that of a
// server that echoes; the text block after it, if there is one, is what it must print.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeSelfSigned } from './support/certificates';
import {
  blocksOf,
  compile,
  examplesOf,
  runExample,
  writeExamples,
} from './support/document-examples';
import { startWsServer } from './support/servers';
import type { WsServer } from './support/servers';

// This file runs as out/test/documents.test.js.
const root = join(__dirname, '..', '..');

/** ctrl is WinCC OA's language, which nothing here can run; mermaid is a picture. */
const languages = ['ts', 'js', 'sh', 'text', 'ctrl', 'mermaid'];

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));

const { readCommandLine } = createRequire(__filename)(
  join(root, 'modules', 'command', 'flags.js'),
) as { readCommandLine(args: readonly string[]): unknown };

/** The arguments of each `wsfd` in shell commands; there are no spaces within quotes. */
const commandLinesIn = (text: string): string[][] =>
  Array.from(text.matchAll(/\bwsfd ((?:inspect |bench )?(?:-|ws)[^|<>#\n]*)/g), ([, line = '']) =>
    line.trim().split(/\s+/),
  );

const servers: WsServer[] = [];
let urls = { ws: '', wss: '' };
/** What the documents read: the server's certificate as the plant's root, and one of our own. */
let files: Record<string, string> = {};

before(async () => {
  const { cert, key } = makeSelfSigned();
  const plain = await startWsServer();
  const secure = await startWsServer({ tls: { cert, key } });
  servers.push(plain, secure);
  urls = { ws: plain.url, wss: secure.url };
  const own = makeSelfSigned();
  files = { 'root.pem': cert, 'client.pem': own.cert, 'client-key.pem': own.key };
});

after(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

for (const path of ['README.md', 'CONTRIBUTING.md', ...documents.map((name) => `docs/${name}`)]) {
  const name = path.replaceAll('/', '-');
  const blocks = blocksOf(readFileSync(join(root, path), 'utf8'));
  const examples = examplesOf(name, blocks);
  if (blocks.length === 0) continue;

  describe(path, () => {
    before(() => {
      writeExamples(name, examples, urls, files);
    });

    test('has no block in a language that this test does not know', () => {
      const unknown = blocks.filter(({ language }) => !languages.includes(language));
      assert.deepEqual(unknown, []);
    });

    test('names no npm script that does not exist', () => {
      const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
      const named = commands.flatMap((text) =>
        Array.from(text.matchAll(/\bnpm run ([\w:-]+)/g), ([, script = '']) => script),
      );
      assert.deepEqual(
        named.filter((script) => !(script in scripts)),
        [],
      );
    });

    test('gives the command wsfd no options that it does not have', () => {
      const commands = blocks.filter(({ language }) => language === 'sh');
      for (const args of commands.flatMap(({ text }) => commandLinesIn(text))) {
        assert.doesNotThrow(() => readCommandLine(args), args.join(' '));
      }
    });

    if (examples.some(({ language }) => language === 'ts')) {
      test('its TypeScript compiles', () => {
        assert.equal(compile(examples), '');
      });
    }

    for (const example of examples) {
      test(`the program in line ${example.line} runs`, async () => {
        const outcome = await runExample(example);
        const stdout = example.output ?? outcome.stdout;
        assert.deepEqual(outcome, { code: 0, stdout, stderr: '' });
      });
    }
  });
}

test('README.md has programs to try', () => {
  const blocks = blocksOf(readFileSync(join(root, 'README.md'), 'utf8'));
  assert.ok(examplesOf('README.md', blocks).length > 0);
});
