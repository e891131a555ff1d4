// MQTT brokers that are reached over WebSockets:
//
//   startAedes       the package `aedes`, in this process
//   startMosquitto   Debian's mosquitto, where it is installed, behind a WebSocket server: its own
//                    is not built in there
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import { programEnvironment } from './programs';
import { startWsServer } from './servers';
import type { WsServer } from './servers';

/** A server of the subprotocol mqtt, whose connections go to `serve`. */
const startMqttServer = (serve: (stream: Duplex) => void): Promise<WsServer> =>
  startWsServer({
    echo: false,
    settings: { handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false) },
    onConnection: (socket) => {
      const stream = createWebSocketStream(socket);
      stream.on('error', () => undefined);
      serve(stream);
    },
  });

export async function startAedes(): Promise<WsServer> {
  const { Aedes } = await import('aedes');
  const broker = await Aedes.createBroker();
  const server = await startMqttServer((stream) => broker.handle(stream));
  return {
    ...server,
    close: async () => {
      await server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}

/** undefined: mosquitto is not installed. */
export async function startMosquitto(): Promise<WsServer | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-mosquitto-'));
  const path = join(folder, 'mqtt.sock');
  const configuration = join(folder, 'mosquitto.conf');
  writeFileSync(configuration, `listener 0 ${path}\nallow_anonymous true\nuser root\n`);
  const broker = spawn('mosquitto', ['-c', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...programEnvironment(), PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  });
  const ended = new Promise<void>((resolve) => broker.once('close', () => resolve()));
  const running = await new Promise<boolean>((resolve) => {
    let log = '';
    broker.once('error', () => resolve(false));
    broker.stderr.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes(' running')) resolve(true);
    });
    broker.once('exit', () => resolve(false));
  });
  const tidy = (): void => rmSync(folder, { recursive: true, force: true });
  if (!running) {
    tidy();
    return undefined;
  }
  const server = await startMqttServer((stream) => {
    const socket = connect(path);
    socket.on('error', () => stream.destroy());
    stream.on('close', () => socket.destroy());
    stream.pipe(socket).pipe(stream);
  });
  return {
    ...server,
    close: async () => {
      await server.close();
      broker.kill();
      await ended;
      tidy();
    },
  };
}
