// Starts uWebSockets.js servers on this machine for tests on a system (systems.mjs) where they do
// not run. A test connects over loopback and sends lines of JSON:
//
//   { start: FILE }      the server, by its path in out/
//   { send: SETTINGS }   a message to the server over its IPC channel
//   { signal: NAME }     SIGSTOP or SIGCONT
//
// It receives { message } for each message of the server, and { ended }. The server ends with the
// connection.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../tools.mjs';

const programs = ['test/support/uws-server.js', 'examples/telemetry/server.js'];

function startProgram(name, node, say) {
  if (!programs.includes(name)) throw new Error(`${name} is none of ${programs.join(', ')}`);
  const child = fork(join(root, 'out', name), { execPath: node, execArgv: [] });
  child.on('message', (message) => say({ message }));
  child.once('exit', (code, signal) => say({ ended: String(code ?? signal) }));
  child.once('error', (error) => say({ ended: error.message }));
  return child;
}

function serve(connection, node) {
  const say = (line) => {
    if (connection.writable) connection.write(`${JSON.stringify(line)}\n`);
    if ('ended' in line) connection.end();
  };
  let child;
  createInterface({ input: connection }).on('line', (text) => {
    const { start, send, signal } = JSON.parse(text);
    if (start !== undefined) child = startProgram(start, node, say);
    if (send !== undefined) child.send(send);
    if (signal !== undefined) child.kill(signal);
  });
  const release = () => {
    // A stopped server must run to notice the disconnect.
    child?.kill('SIGCONT');
    if (child?.connected) child.disconnect();
  };
  connection.setNoDelay().on('end', release).on('close', release).on('error', release);
}

/** Starts the broker, whose servers run on `node`. Resolves with { port, close }. */
export async function startUwsBroker(node) {
  const server = createServer({ allowHalfOpen: true }, (connection) => serve(connection, node));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: server.address().port, close: () => server.close() };
}
