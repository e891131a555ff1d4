/** The same module for `import`: one shared state, since it hands on what `require` gives. */
export * from './index.js';
