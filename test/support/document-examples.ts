// The code blocks of the documents as programs: written to files, type-checked, run.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface Block {
  line: number;
  language: string;
  text: string;
}

export interface Example {
  /** The program's file; TypeScript is compiled to beside it. */
  file: string;
  line: number;
  language: string;
  source: string;
  /** What it prints; undefined: anything. */
  output: string | undefined;
}

// This file runs as out/test/support/document-examples.js.
const root = join(__dirname, '..', '..', '..');

/** The fenced blocks of a document; a list's are indented. */
export function blocksOf(markdown: string): Block[] {
  const matches = markdown.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm);
  return Array.from(matches, (match) => {
    const [, indent = '', language = '', text = ''] = match;
    const line = markdown.slice(0, match.index).split('\n').length;
    return { line, language, text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), '') };
  });
}

/** The blocks that are programs, each with the text block that follows it. */
export function examplesOf(name: string, blocks: readonly Block[]): Example[] {
  // Inside the package, so that 'wsfd' is this package.
  const folder = join(root, 'out', 'documents', name);
  return blocks.flatMap(({ line, language, text }, i) => {
    if (language !== 'ts' && language !== 'js') return [];
    const next = blocks[i + 1];
    const output = next?.language === 'text' ? next.text : undefined;
    // A module, unless it uses require.
    const extension = language === 'ts' ? 'mts' : text.includes('require(') ? 'cjs' : 'mjs';
    const file = join(folder, `line-${line}.${extension}`);
    return [{ file, line, language, source: text, output }];
  });
}

/** Writes the examples to their files, in a folder that `files` lie in too. */
export function writeExamples(
  name: string,
  examples: readonly Example[],
  urls: { ws: string; wss: string },
  files: Readonly<Record<string, string>>,
): void {
  const folder = join(root, 'out', 'documents', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  for (const { file, source } of examples) {
    const own = source.replace(/\b(wss?):\/\/[\w.:-]+\//g, (_, scheme: 'ws' | 'wss') => {
      return urls[scheme];
    });
    writeFileSync(file, own);
  }
}

/** Compiles as strictly as the project itself; what is wrong, as text. */
export function compile(examples: readonly Example[]): string {
  const files = examples.filter(({ language }) => language === 'ts').map(({ file }) => file);
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  // Each example is compiled to beside its source, and nothing else is written.
  const own = { ...options, composite: false, incremental: false, declaration: false };
  delete own.declarationDir;
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

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an example in the folder that its files lie in. */
export function runExample({ file }: Example): Promise<Outcome> {
  const program = file.replace(/mts$/, 'mjs');
  return new Promise((resolve) => {
    const options = { cwd: join(file, '..') };
    const child = execFile(process.execPath, [program], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}
