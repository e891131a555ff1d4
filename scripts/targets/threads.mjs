// Run by the Node of a target in the folder of an installed package, with the URL of a wss server.
// Prints the numbers of the sockets that three worker threads open, each after the end of the one
// before: no number may repeat, though no other thread keeps the addon loaded.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const [, file, url] = process.argv;

async function openInThread() {
  const thread = new Worker(file, { argv: [url] });
  const [[number]] = await Promise.all([once(thread, 'message'), once(thread, 'exit')]);
  return number;
}

if (isMainThread) {
  const numbers = [];
  for (let i = 0; i < 3; i++) numbers.push(await openInThread());
  console.log(JSON.stringify(numbers));
} else {
  // check-layers.mjs allows scripts no static import of a package.
  const wsfd = await import('wsfd');
  const socket = await wsfd.webSocketOpen(url, { ignoreSslErrors: true, timeout: 60 });
  await wsfd.webSocketClose(socket);
  parentPort.postMessage(socket);
}
