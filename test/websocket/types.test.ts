// The declarations of wsfd/websocket, in programs that know the DOM and in others.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const root = join(__dirname, '..', '..', '..');
// Inside the package, so that 'wsfd' is this package.
const folder = join(root, 'out', 'types');

const everywhere = `
  import { CloseEvent, ErrorEvent, WebSocket } from 'wsfd/websocket';
  import type { WebSocketEventMap } from 'wsfd/websocket';
  const socket = new WebSocket(new URL('ws://x'), ['a'], { timeout: 5 });
  socket.onopen = function (event) { this.send(event.type); };
  socket.onmessage = ({ data, origin }) => typeof data === 'string' && data.length + origin.length;
  socket.onclose = ({ code, reason, wasClean }) => [code.toFixed(), reason.length, wasClean];
  socket.onerror = ({ error, message }) => error.category + message;
  socket.onerror = null;
  socket.addEventListener('close', (event) => event.code, { once: true });
  socket.addEventListener('message', { handleEvent: (event) => event.data });
  socket.addEventListener('other', (event) => event.type);
  socket.binaryType = 'arraybuffer';
  socket.send(new Uint8Array(3));
  socket.send(new DataView(new ArrayBuffer(3)));
  const state: 0 = WebSocket.CONNECTING;
  const same: 0 = socket.CONNECTING;
  const close: WebSocketEventMap['close'] = new CloseEvent('close', { code: state + same });
  export const error = new ErrorEvent('error', { message: close.reason });
`;

const withDom = `
  import { WebSocket as Wsfd } from 'wsfd/websocket';
  const socket = new Wsfd('ws://x');
  socket.onmessage = (event: MessageEvent) => event.data;
  socket.addEventListener('close', (event: CloseEvent) => event.code);
  socket.addEventListener('error', (event: Event) => event.type);
  socket.addEventListener('message', (event: MessageEvent<string>) => event.data.length);
  socket.onmessage = (event: MessageEvent<string>) => event.data.length;
  socket.onerror = (event: Event) => event.type;
  socket.send(new Blob([]));
  export const target: EventTarget = socket;
  export const theirs: globalThis.WebSocket = socket;
  globalThis.WebSocket = Wsfd;
`;

/** Node's own WebSocket, whether this Node has one or not. */
const withNode = `
  import type { WebSocket as NodeWebSocket } from 'undici-types';
  import { WebSocket as Wsfd } from 'wsfd/websocket';
  export const theirs: NodeWebSocket = new Wsfd('ws://x', { protocols: ['a'] });
`;

const faults: [line: string, code: number][] = [
  ["new WebSocket('ws://x', [], { protocols: ['a'] });", 2353],
  ["new WebSocket('ws://x', { protocol: 'a' });", 2353],
  ["new WebSocket('ws://x').binaryType = 'nodebuffer';", 2322],
  ["new WebSocket('ws://x').url = 'x';", 2540],
  ["new WebSocket('ws://x').send(5);", 2345],
];

/** What is wrong with programs, by the compiler's numbers. */
function faultsOf(sources: readonly string[], name: string, lib: string[]): string[] {
  mkdirSync(folder, { recursive: true });
  const files = sources.map((source, i) => {
    const file = join(folder, `${name}-${i}.mts`);
    writeFileSync(file, source);
    return file;
  });
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ['node'],
    lib,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ code, messageText }) => `${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

const es = ['lib.es2022.d.ts'];

test('in programs without the DOM; what is wrong is found', () => {
  const wrong = faults.map(([line]) => `import { WebSocket } from 'wsfd/websocket';\n${line}`);
  const found = faultsOf([everywhere, withNode, ...wrong], 'plain', es);
  assert.deepEqual(
    found.map((fault) => Number.parseInt(fault, 10)),
    faults.map(([, code]) => code),
    found.join('\n'),
  );
});

test('in programs with the DOM', () => {
  assert.deepEqual(faultsOf([everywhere, withDom], 'dom', [...es, 'lib.dom.d.ts']), []);
});
