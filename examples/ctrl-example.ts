// The example of the WinCC OA reference for webSocketOpen, as it stands but for the language.
// Usage: node out/examples/ctrl-example.js [url]
import { getLastError, webSocketClose, webSocketOpen, webSocketRead, webSocketWrite } from 'wsfd';
import type { Ref } from 'wsfd';

const url = process.argv[2] ?? process.env['WSFD_URL'] ?? 'wss://localhost:40000/';

async function main(): Promise<void> {
  const socket = await webSocketOpen(url, { ignoreSslErrors: true });
  console.log(`webSocketOpen  -> ${socket}`);
  // (it goes on after an error, as the reference does)
  if (socket < 0) fail('Not possible to open the web socket! Error: ');

  const payload = { text: 'a request of the example' };
  const id = '4711';
  const request = JSON.stringify({ method: 'dummy', connectionId: 12345678, payload, id });
  const writeResult = webSocketWrite(socket, request);
  console.log(`webSocketWrite -> ${writeResult}`);
  if (writeResult !== 0) fail('Not possible to write! Error: ');

  const any: Ref<string | Buffer> = {};
  const readResult = await webSocketRead(socket, any);
  console.log(`webSocketRead  -> ${readResult}  ${String(any.value)}`);
  if (readResult !== 0) fail('Not possible to read! Error: ');

  const closeResult = await webSocketClose(socket);
  console.log(`webSocketClose -> ${closeResult}`);
  if (closeResult < 0) fail('Not possible to close the open web socket! Error: ');
}

function fail(what: string): void {
  console.log(what, getLastError());
  process.exitCode = 1;
}

void main();
