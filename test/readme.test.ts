// Every example of README.md is type-checked and run. Its URL becomes that of a server that echoes;
// the text block after it, if there is one, is what it must print.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import ts from 'typescript';
import { makeSelfSigned } from './support/certificates';
import { startWsServer } from './support/servers';
import type { WsServer } from './support/servers';

interface Example {
  line: number;
  language: string;
  source: string;
  /** What it prints; undefined: anything. */
  output: string | undefined;
}

const root = join(__dirname, '..', '..');
// Inside the package, so that 'wsfd' is this package.
const folder = join(root, 'out', 'readme');

interface Block {
  line: number;
  language: string;
  text: string;
}

function blocksOf(markdown: string): Block[] {
  const matches = markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return Array.from(matches, (match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

/** The blocks that are programs, each with the text block that follows it. */
function examplesOf(blocks: readonly Block[]): Example[] {
  return blocks.flatMap(({ line, language, text }, i) => {
    const next = blocks[i + 1];
    const output = next?.language === 'text' ? next.text : undefined;
    return ['ts', 'js'].includes(language) ? [{ line, language, source: text, output }] : [];
  });
}

/** The file that an example is written to: a module, unless it uses require. */
function fileOf({ line, language, source }: Example): string {
  const extension = language === 'ts' ? 'mts' : source.includes('require(') ? 'cjs' : 'mjs';
  return join(folder, `line-${line}.${extension}`);
}

const programOf = (example: Example): string => fileOf(example).replace(/mts$/, 'mjs');

function writeExamples(examples: readonly Example[], urls: { ws: string; wss: string }): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const example of examples) {
    const source = example.source.replace(/\b(wss?):\/\/[\w.:-]+\//g, (_, scheme: 'ws' | 'wss') => {
      return urls[scheme];
    });
    writeFileSync(fileOf(example), source);
  }
}

/** Compiles as strictly as the project itself; what is wrong, as text. */
function compile(files: string[]): string {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  // Each example is compiled to beside its source, and nothing else is written.
  const own = { ...options, composite: false, incremental: false, declaration: false };
  delete own.outDir;
  delete own.rootDir;
  delete own.tsBuildInfoFile;
  const program = ts.createProgram(files, own);
  program.emit();
  return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => '\n',
  });
}

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

const run = (file: string): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [file], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });

describe('README.md', () => {
  const blocks = blocksOf(readFileSync(join(root, 'README.md'), 'utf8'));
  const examples = examplesOf(blocks);
  const servers: WsServer[] = [];

  before(async () => {
    const { cert, key } = makeSelfSigned();
    const plain = await startWsServer();
    const secure = await startWsServer({ tls: { cert, key } });
    servers.push(plain, secure);
    writeExamples(examples, { ws: plain.url, wss: secure.url });
  });

  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });

  test('has examples, and no block in a language that this test does not know', () => {
    assert.ok(examples.length > 0);
    const unknown = blocks.filter(({ language }) => !['ts', 'js', 'text', 'sh'].includes(language));
    assert.deepEqual(unknown, []);
  });

  test('its TypeScript examples compile', () => {
    const files = examples.filter(({ language }) => language === 'ts').map(fileOf);
    assert.equal(compile(files), '');
  });

  for (const example of examples) {
    test(`the example in line ${example.line} runs`, async () => {
      const outcome = await run(programOf(example));
      const stdout = example.output ?? outcome.stdout;
      assert.deepEqual(outcome, { code: 0, stdout, stderr: '' });
    });
  }
});
