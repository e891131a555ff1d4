// An HTTP proxy that does what the user's name in its credentials says:
// pass, refuse-<status>, end-<bytes>, reset-<bytes>.
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

function userOf(request: IncomingMessage): string[] {
  const [, credentials = ''] = (request.headers['proxy-authorization'] ?? '').split(' ');
  return (Buffer.from(credentials, 'base64').toString().split(':')[0] ?? '').split('-');
}

/** Ends the client's side once `most` bytes of the target's have gone to it. */
function cutAfter(most: number, how: string, client: Socket, target: Socket): void {
  let left = most;
  target.on('data', (bytes: Buffer) => {
    client.write(bytes.subarray(0, left));
    left -= bytes.length;
    if (left > 0) return;
    target.destroy();
    if (how === 'reset') client.resetAndDestroy();
    else client.end();
  });
  target.on('end', () => client.end());
}

function tunnel(request: IncomingMessage, client: Socket, head: Buffer): void {
  const [action = '', parameter = ''] = userOf(request);
  client.on('error', () => undefined);
  if (action === 'refuse') {
    client.end(`HTTP/1.1 ${parameter} Refused\r\nContent-Length: 2\r\n\r\nno`);
    return;
  }
  const [host, port] = (request.url ?? '').split(':');
  const target = connect(Number(port), host ?? '', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    target.write(head);
    client.pipe(target);
    if (action === 'pass') target.pipe(client);
    else cutAfter(Number(parameter), action, client, target);
  });
  target.on('error', () => client.destroy());
  client.once('close', () => target.destroy());
  target.once('close', () => {
    if (!client.writableEnded) client.destroy();
  });
}

/** The port that it listens on. */
export function serveProxy(): Promise<number> {
  const server = createServer();
  server.on('connect', tunnel);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
