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

/** A worker's life: until the main thread tells it to stop, or the connection ends. */
async function receive(url: string): Promise<void> {
  const socket = await webSocketOpen(url, { timeout: 10, pingInterval: 10 });
  if (socket < 0) throw getLastError()[0] ?? new Error(url);
  const report: Report = { url, messages: 0, bytes: 0 };
  const timer = setInterval(() => parentPort?.postMessage(report), reportMs);
  const ended = new Promise<number>((resolve) => {
    const subscribed = webSocketSubscribe(
      socket,
      (batch) => {
        report.messages += batch.length;
        for (const message of batch) report.bytes += message.length;
      },
      resolve,
    );
    if (subscribed !== 0) resolve(-1);
  });
  parentPort?.once('message', () => void webSocketClose(socket));
  const code = await ended;
  const [error] = getLastError();
  clearInterval(timer);
  parentPort?.postMessage(report);
  if (code !== 1) throw error ?? new Error(url);
  // (nothing is left to do where this side has closed it)
  await webSocketClose(socket);
  parentPort?.close();
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
