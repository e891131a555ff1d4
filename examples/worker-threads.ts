// Feeds that take more than one core: a worker thread for each, with a loop and sockets of its own.
// The workers send what they have made of their messages once a second, not the messages.
// Usage: node out/examples/worker-threads.js URL...
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { getLastError, webSocketClose, webSocketOpen, webSocketSubscribe } from 'wsfd';

interface Report {
  url: string;
  messages: number;
  bytes: number;
}

const reportMs = 1000;

/** A worker's life: until the main thread tells it to stop. */
async function receive(url: string): Promise<void> {
  const socket = await webSocketOpen(url, { timeout: 10, pingInterval: 10 });
  if (socket < 0) throw getLastError()[0] ?? new Error(url);
  const report: Report = { url, messages: 0, bytes: 0 };
  webSocketSubscribe(socket, (batch) => {
    report.messages += batch.length;
    for (const message of batch) report.bytes += message.length;
  });
  const timer = setInterval(() => parentPort?.postMessage(report), reportMs);
  parentPort?.once('message', () => {
    clearInterval(timer);
    void webSocketClose(socket).then(() => {
      parentPort?.postMessage(report);
      parentPort?.close();
    });
  });
}

/** The main thread: starts a worker for each feed, and stops them on Ctrl-C. */
function supervise(urls: readonly string[]): void {
  const workers = urls.map((url) => {
    const worker = new Worker(__filename, { workerData: url });
    worker.on('message', ({ messages, bytes }: Report) => {
      console.log(`${url}: ${messages} messages, ${bytes} bytes`);
    });
    worker.on('error', (error) => {
      console.log(`${url}: ${error.message}`);
      process.exitCode = 1;
    });
    return worker;
  });
  process.once('SIGINT', () => {
    for (const worker of workers) worker.postMessage('stop');
  });
}

if (isMainThread) supervise(process.argv.slice(2));
else void receive(workerData as string);
