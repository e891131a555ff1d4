import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const typescript = ['**/*.ts', '**/*.mts'];

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'out/', 'prebuilds/', '.cache/'] },
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
      // tsc's noPropertyAccessFromIndexSignature asks for the brackets this rule would take away.
      '@typescript-eslint/dot-notation': 'off',
      // `import x = require('x')` is how a CommonJS module is imported as what it is.
      '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }],
      // Header fields and URLs are searched for control characters.
      'no-control-regex': 'off',
      'max-lines-per-function': ['error', { max: 60 }],
      eqeqeq: 'error',
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
    },
  },
);
