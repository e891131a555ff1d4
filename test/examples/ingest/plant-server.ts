// The child process of startPlant: a uWebSockets.js server whose feeds are its paths. Each counts by
// the calendar, whether anybody is connected or not, and sends every number from the moment on at
// which somebody is. What a connection does not take is sent later: nothing is left out.
import * as uws from 'uWebSockets.js';
import type { PlantEvent, PlantSettings } from './plant';

interface Connection {
  readonly feed: string;
  next: number;
}

/** Bytes that may wait in a connection; more numbers wait for it. */
const mostWaiting = 1 << 18;
const tickMs = 5;

const connections = new Set<uws.WebSocket<Connection>>();

const say = (event: PlantEvent): void =>
  void process.send?.(event, undefined, undefined, () => undefined);

function serve({ host, port, epoch, rate, bytes = 0 }: PlantSettings): void {
  const current = (): number => Math.floor(((Date.now() - epoch) / 1000) * rate);
  let heldBack = 0;
  const sendTo = (socket: uws.WebSocket<Connection>): void => {
    const connection = socket.getUserData();
    const last = current();
    const start = `{"feed":"${connection.feed}",`.padEnd(bytes);
    socket.cork(() => {
      while (connection.next <= last && socket.getBufferedAmount() < mostWaiting) {
        socket.send(`${start}"seq":${connection.next++}}`);
      }
    });
    heldBack = Math.max(heldBack, last + 1 - connection.next);
  };
  const app = uws.App();
  app.ws<Connection>('/*', {
    compression: uws.DISABLED,
    maxBackpressure: 2 * mostWaiting,
    idleTimeout: 0,
    upgrade: (response, request, context) => {
      response.upgrade<Connection>(
        { feed: request.getUrl().slice(1), next: 0 },
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    },
    open: (socket) => {
      const connection = socket.getUserData();
      connection.next = current();
      connections.add(socket);
      say({ event: 'open', feed: connection.feed, at: Date.now(), next: connection.next });
    },
    close: (socket) => {
      const { feed, next } = socket.getUserData();
      connections.delete(socket);
      say({ event: 'close', feed, at: Date.now(), next });
    },
  });
  app.listen(host, port, (listening) => {
    if (listening === false) throw new Error(`port ${port} cannot be had`);
    say({ event: 'listening', port: uws.us_socket_local_port(listening) });
  });
  setInterval(() => connections.forEach(sendTo), tickMs);
  setInterval(() => {
    say({ event: 'heldBack', at: Date.now(), messages: heldBack });
    heldBack = 0;
  }, 1000);
}

process.once('disconnect', () => process.exit(0));
process.once('message', (settings) => serve(settings as PlantSettings));
