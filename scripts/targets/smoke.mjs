// Run by the Node of a target in the folder of an installed package. Arguments: the URL of a wss
// server that echoes, and a file with its certificate. Prints the results as JSON.
import { readFileSync } from 'node:fs';

// check-layers.mjs allows scripts no static import of a package.
const wsfd = await import('wsfd');
const [, , url, certificate] = process.argv;

/** Sends a message and reads it back: true where it is the same. */
async function echoes(socket, message) {
  const into = {};
  if (wsfd.webSocketWrite(socket, message) !== 0) return false;
  if ((await wsfd.webSocketRead(socket, into, 60)) !== 0) return false;
  return typeof message === 'string' ? into.value === message : message.equals(into.value);
}

/** The results of one verified connection: { resumed, echoed, closed }. */
async function connect(caCertificates) {
  const socket = await wsfd.webSocketOpen(url, { caCertificates, timeout: 60 });
  if (socket < 0) throw wsfd.getLastError()[0];
  const echoed = [];
  for (const message of ['ä text', Buffer.alloc(100_000, 7), '']) {
    echoed.push(await echoes(socket, message));
  }
  const { tls } = wsfd.webSocketInfo(socket);
  return { resumed: tls.resumed, echoed, closed: await wsfd.webSocketClose(socket) };
}

const refused = await wsfd.webSocketOpen(url, { timeout: 60 });
const [error] = wsfd.getLastError();
const connections = [];
for (let i = 0; i < 3; i++) connections.push(await connect(readFileSync(certificate, 'utf8')));
console.log(JSON.stringify({ refused: [refused, error?.code], connections }));
