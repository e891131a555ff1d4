/** The same module for `import`. */
export * from './websocket.js';
