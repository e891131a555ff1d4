// Answers to the opening handshake that are none, or not the right one.
import { createHash } from 'node:crypto';
import { later } from './side';
import type { Upgrade } from './stream';

type Misbehaviour = Upgrade & { readonly path: string; readonly query: string };

const response = (status: string, lines: readonly string[], body = ''): string =>
  [`HTTP/1.1 ${status}`, ...lines, '', body].join('\r\n');

/** The answer that opens the connection, with another Sec-WebSocket-Accept or further lines. */
function switching({ request }: Misbehaviour, lines: readonly string[] = [], accept = ''): string {
  const key = request.headers['sec-websocket-key'] ?? '';
  const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return response('101 Switching Protocols', [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept === '' ? hash.digest('base64') : accept}`,
    ...lines,
  ]);
}

function redirect(to: string): string {
  return response('302 Found', [`Location: ${to}`, 'Connection: close', 'Content-Length: 0']);
}

/** One byte of the answer now and then: it never gets to its end. */
function trickle({ socket }: Misbehaviour): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write('HTTP/1.1 101 Switching Protocols'.charAt(sent++));
    if (sent > 20) clearInterval(timer);
  }, 50);
  socket.once('close', () => clearInterval(timer));
}

const malformed: Readonly<Record<string, (what: Misbehaviour) => void>> = {
  garbage: ({ socket }) => socket.end('220 mail.example ESMTP\r\n\r\n'),
  accept: (what) => what.socket.end(switching(what, [], 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=')),
  extension: (what) => what.socket.end(switching(what, ['Sec-WebSocket-Extensions: x-other'])),
  subprotocol: (what) => what.socket.end(switching(what, ['Sec-WebSocket-Protocol: other'])),
  upgrade: ({ socket }) =>
    socket.end(response('101 Switching Protocols', ['Upgrade: h2c', 'Connection: Upgrade'])),
  huge: (what) => what.socket.end(switching(what, [`X-Huge: ${'x'.repeat(100_000)}`])),
  end: ({ socket }) => socket.end('HTTP/1.1 101 Switch'),
  reset: ({ reset }) => reset(),
};

function refuse({ socket, plan }: Misbehaviour): void {
  const body = 'no '.repeat(plan.down * 20);
  const lines = ['Content-Type: text/plain', `Content-Length: ${body.length}`, 'Connection: close'];
  lines.push('Location: https://127.0.0.1:1/');
  socket.end(response(`${plan.variant} Refused`, lines, body));
}

const answers: Readonly<Record<string, (what: Misbehaviour) => void>> = {
  redirect: ({ socket, query }) => socket.end(redirect(new URLSearchParams(query).get('to') ?? '')),
  redirectLoop: ({ socket, request }) => socket.end(redirect(request.url ?? '')),
  refused: refuse,
  malformed: (what) => void later(what.plan.gapMs, () => malformed[what.plan.variant]?.(what)),
  mute: (what) => void what.socket.write(switching(what)),
  silence: (what) => {
    if (what.plan.variant === 'slow') trickle(what);
  },
};

/** Serves what is no stream, as the first part of its path says. */
export function misbehave(what: Misbehaviour): void {
  const { socket, path } = what;
  // It sees the client leave, and leaves too.
  socket.on('end', () => socket.end());
  socket.resume();
  answers[path.split('/')[1] ?? '']?.(what);
}
