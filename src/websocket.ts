/** wsfd/websocket: the class WebSocket. docs/WEBSOCKET.md is where to start. */
export * from './websocket/websocket.js';
