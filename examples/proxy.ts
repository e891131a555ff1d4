// Through the proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), or the one given.
// Usage: node out/examples/proxy.js [url [proxy]]
import { getLastError, webSocketClose, webSocketInfo, webSocketOpen } from 'wsfd';

const [url = 'wss://localhost:40000/', proxy = 'env'] = process.argv.slice(2);

async function main(): Promise<void> {
  const socket = await webSocketOpen(url, { proxy, followRedirects: 5, timeout: 10 });
  if (socket < 0) {
    for (const error of getLastError()) {
      // A proxy that wants a user name and password answers 407.
      console.log(error.code, error.httpStatus ?? '', error.message);
    }
    process.exitCode = 1;
    return;
  }
  const info = webSocketInfo(socket);
  console.log(`connected to ${info?.url} by way of ${info?.remoteAddress}:${info?.remotePort}`);
  await webSocketClose(socket);
}

void main();
