import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const maxFunctionLines = 60;

/** As ESLint's max-lines-per-function, but a `describe` is a group of functions, not one. */
const functionLength = {
  meta: { type: 'suggestion', messages: { long: '{{lines}} lines, over {{most}}.' } },
  create: (context) => ({
    ':function'(node) {
      if (node.parent.type === 'CallExpression' && node.parent.callee.name === 'describe') return;
      const lines = node.loc.end.line - node.loc.start.line + 1;
      if (lines <= maxFunctionLines) return;
      context.report({ node, messageId: 'long', data: { lines, most: maxFunctionLines } });
    },
  }),
};

const typescript = ['**/*.ts', '**/*.mts'];

export default defineConfig(
  { ignores: ['build/', 'dist/', 'modules/', 'out/', 'prebuilds/', '.cache/'] },
  // A rule is switched off here, with its reason, or not at all.
  { linterOptions: { noInlineConfig: true } },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        URL: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        console: 'readonly',
        process: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  {
    files: typescript,
    plugins: { wsfd: { rules: { 'function-length': functionLength } } },
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'tsconfig.tools.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A number in a template reads well and always gives the same text.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => resolve()`: an arrow that passes nothing on.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // It asks for `!`, which no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // tsc's noPropertyAccessFromIndexSignature asks for the brackets this rule would take away.
      '@typescript-eslint/dot-notation': 'off',
      // `import x = require('x')` is how a CommonJS module is imported as what it is.
      '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }],
      // Header fields and URLs are searched for control characters.
      'no-control-regex': 'off',
      'wsfd/function-length': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/native/load-addon.ts'],
    rules: {
      // It may fail, and bundlers have to see it: neither `import` nor `module.require` does.
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
  {
    files: ['src/websocket/types.ts'],
    rules: {
      // AnyHandler has to fit the handlers of the DOM's WebSocket as well as those of Node's.
      '@typescript-eslint/no-explicit-any': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:test keeps the promises of test() and t.test() itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'suite', 'test'] },
          ],
        },
      ],
      // The servers of the tests are taken apart: const { url, close } = await startWsServer().
      '@typescript-eslint/unbound-method': 'off',
      // `[...text]` takes a string apart into the code points that a test then puts together.
      '@typescript-eslint/no-misused-spread': 'off',
      // An empty class is one of the strange values that arguments are tested with.
      '@typescript-eslint/no-extraneous-class': ['error', { allowEmpty: true }],
    },
  },
);
