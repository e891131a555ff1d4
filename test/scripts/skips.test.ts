// A test that cannot run here says so: no file leaves tests out without a word.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { importScript } from '../support/scripts';

// This file runs as out/test/scripts/skips.test.js.
const root = join(__dirname, '../../..');

/**
 * The conditions of a file under which alone it defines tests: all of those at its top level, and
 * further in those that ask what this machine is and has.
 */
function conditions(source: string): string[] {
  const blocks = source.matchAll(/^( *)if (\(.*\)) \{\n(?:\1 .*\n|\n)*?\1\}/gm);
  const asks = /possible|installed|without|process\./i;
  return [...blocks].flatMap(([block, indentation, condition = '']) =>
    /^\s+(?:test|describe)\(/m.test(block) && (indentation === '' || asks.test(condition))
      ? [condition]
      : [],
  );
}

/** Conditions that are the very value of `skip`: such a test is left out without a reason. */
const bareSkips = (source: string): string[] =>
  [...source.matchAll(/\bskip: ((?:[^,{}&|?()]+ [!=]== [^,{}&|?]+?|!?true)) *[,}]/g)].map(
    ([, condition = '']) => condition,
  );

/** `return` alone, in this function itself. */
const returns = (node: ts.Node): boolean =>
  (ts.isReturnStatement(node) && node.expression === undefined) ||
  (!ts.isFunctionLike(node) && (ts.forEachChild(node, returns) ?? false));

/** The conditions under which a test ends early and passes, though it has not said t.skip('why'). */
function silentEnds(source: string): string[] {
  const found: string[] = [];
  const lookInside = (node: ts.Node): void => {
    if (ts.isIfStatement(node)) {
      const { expression, thenStatement, elseStatement } = node;
      for (const branch of elseStatement ? [thenStatement, elseStatement] : [thenStatement]) {
        if (returns(branch) && !/\.skip\([^)]/.test(branch.getText())) {
          found.push(expression.getText());
        }
      }
    }
    if (!ts.isFunctionLike(node)) ts.forEachChild(node, lookInside);
  };
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(t\.)?test$/.test(node.expression.getText())) {
      const body = node.arguments.at(-1);
      if (body !== undefined) ts.forEachChild(body, lookInside);
    }
    ts.forEachChild(node, look);
  };
  if (/\breturn;/.test(source)) {
    look(ts.createSourceFile('test.ts', source, ts.ScriptTarget.ES2022, true));
  }
  return found;
}

test('a test that ends early without a word is seen', () => {
  const inTest = (body: string): string[] =>
    silentEnds(`describe('x', () => {\n  test('y', async (t) => {\n    ${body}\n  });\n});\n`);
  assert.deepEqual(inTest('if (!possible) return;'), ['!possible']);
  assert.deepEqual(inTest('if (!possible) {\n      stop();\n      return;\n    }'), ['!possible']);
  assert.deepEqual(inTest("if (!possible) {\n      t.skip('why');\n      return;\n    }"), []);
  assert.deepEqual(inTest('call(() => {\n      if (!possible) return;\n    });'), []);
});

test('a skip without a reason is seen', () => {
  assert.deepEqual(bareSkips("test('x', { skip: process.platform === 'win32' }, f);"), [
    "process.platform === 'win32'",
  ]);
  assert.deepEqual(bareSkips("test('x', { skip: process.platform === 'win32' && 'why' }, f);"), []);
});

test('tests under a condition are seen', () => {
  const source = "if (possible) {\n  const a = 1;\n\n  test('x', () => undefined);\n}\n";
  assert.deepEqual(conditions(source), ['(possible)']);
  const inner = source.replace(/^(?=.)/gm, '  ');
  assert.deepEqual(conditions(`describe('y', () => {\n${inner}});\n`), ['(possible)']);
  assert.deepEqual(conditions('if (possible) {\n  start();\n}\n'), []);
});

test('no file leaves out tests without a word', async () => {
  const { listFiles } = await importScript<{
    listFiles: (folder: string, wanted: (name: string) => boolean) => string[];
  }>('tools.mjs');
  const files = listFiles('test', (name) => name.endsWith('.test.ts'));
  assert.ok(files.length > 100);
  const found = files.flatMap((name) => {
    const source = name.endsWith('/skips.test.ts') ? '' : readFileSync(join(root, name), 'utf8');
    const all = [...conditions(source), ...bareSkips(source), ...silentEnds(source)];
    return all.map((text) => `${name}: ${text}`);
  });
  assert.deepEqual(found, []);
});
