// MQTT brokers that are reached over WebSockets:
//
//   startAedes       the package `aedes`, in this process
//   startMosquitto   Debian's mosquitto behind a WebSocket server: its own is not built in there
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

export async function startMosquitto(): Promise<WsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'wsfd-mosquitto-'));
  const path = join(folder, 'mqtt.sock');
  const configuration = join(folder, 'mosquitto.conf');
  writeFileSync(configuration, `listener 0 ${path}\nallow_anonymous true\nuser root\n`);
  const broker = spawn('mosquitto', ['-c', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: programEnvironment(),
  });
  const ended = once(broker, 'close');
  const tidy = (): void => rmSync(folder, { recursive: true, force: true });
  let log = '';
  const running = new Promise<void>((resolve) => {
    broker.stderr.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes(' running')) resolve();
    });
  });
  const failed = ended.then(() => {
    throw new Error(`mosquitto has ended: ${log}`);
  });
  try {
    await Promise.race([running, failed]);
  } catch (error) {
    tidy();
    throw error;
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
