// The class WebSocket, as a browser's program uses it, with wsfd's options as a third argument.
// Usage: node out/examples/websocket-class.js [url]
import { WebSocket } from 'wsfd/websocket';

const url = process.argv[2] ?? process.env['WSFD_URL'] ?? 'wss://localhost:40000/';

const socket = new WebSocket(url, [], {
  timeout: 5, // seconds
  ignoreSslErrors: ['SelfSignedCertificate'], // every other TLS error is still one
});
socket.binaryType = 'arraybuffer';

socket.onopen = () => {
  console.log(`open     readyState ${socket.readyState}`);
  socket.send('a text');
  socket.send(Uint8Array.of(1, 2, 3));
  console.log(`sent     bufferedAmount ${socket.bufferedAmount}`);
};

socket.addEventListener('message', ({ data }) => {
  console.log('message ', data);
  if (typeof data !== 'string') socket.close(1000, 'done');
});

socket.addEventListener('error', ({ error }) => {
  // A WebSocketError: what a browser would not say.
  console.log(`error    ${error.category} ${error.code}: ${error.message}`);
});

socket.onclose = ({ code, reason, wasClean }) => {
  console.log(`close    ${code} ${JSON.stringify(reason)}${wasClean ? '' : ', not clean'}`);
  process.exitCode = wasClean ? 0 : 1;
};
