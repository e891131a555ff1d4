// The plant of the telemetry example: a uWebSockets.js server, in a process of its own, that
// publishes readings of 1,000 sensors over wss as fast as each client takes them.
import * as uws from 'uWebSockets.js';
import { writeTlsFiles } from '../../test/support/uws-process';
import { SENSORS } from './reading';
import type { ServerSettings } from './reading';

/** Bytes that may wait in a client's connection before the plant waits for it. */
const MOST_WAITING = 1 << 20;
/** Messages that leave in one write. */
const CORKED = 256;

/** What send() returns where the message does not have to wait. */
const SENT = 1;

let next = 0;

/** The next reading as JSON; `at` is when it was taken, in milliseconds since 1970. */
function reading(at: number): string {
  const sensor = next++ % SENSORS;
  const value = 20 + 5 * Math.sin(next / 10_000 + sensor);
  return `{"sensor":${String(sensor)},"value":${value.toFixed(3)},"at":${String(at)}}`;
}

/** Sends some readings in one write; false once the connection takes no more. */
function publishSome(socket: uws.WebSocket<unknown>): boolean {
  let sent = 0;
  socket.cork(() => {
    const at = Date.now();
    while (sent < CORKED && socket.send(reading(at)) === SENT) sent++;
  });
  return sent === CORKED;
}

function publish(socket: uws.WebSocket<unknown>): void {
  while (socket.getBufferedAmount() < MOST_WAITING && publishSome(socket));
}

function serve(settings: ServerSettings): void {
  const { keyFile, certificateFile, remove } = writeTlsFiles(settings);
  const app = uws.SSLApp({ key_file_name: keyFile, cert_file_name: certificateFile });
  remove();
  app.ws('/*', {
    compression: uws.DISABLED,
    maxBackpressure: 2 * MOST_WAITING,
    open: publish,
    drain: publish,
  });
  app.listen('127.0.0.1', 0, (listening) => {
    if (listening === false) throw new Error('no port to listen on could be had');
    process.send?.(uws.us_socket_local_port(listening));
  });
}

process.once('disconnect', () => process.exit(0));
process.once('message', (settings) => {
  serve(settings as ServerSettings);
});
