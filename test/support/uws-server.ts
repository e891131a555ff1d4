// The child process of startUwsServer: a uWebSockets.js server that lives until its parent lets go.
import * as uws from 'uWebSockets.js';
import { writeTlsFiles } from './uws-process';
import type { UwsEvent, UwsSettings } from './uws-protocol';

interface UserData {
  url: string;
  headers: Record<string, string>;
}

// The parent may have let go already, and connections still end.
const say = (event: UwsEvent): void =>
  void process.send?.(event, undefined, undefined, () => undefined);

/** The number behind a compressor's name, or behind names with '+' between. */
function compressorOf(names: string): number {
  return names.split('+').reduce((bits, name) => {
    const value = Object.entries(uws).find(([constant]) => constant === name)?.[1] as unknown;
    if (typeof value !== 'number') throw new Error(`uWebSockets.js has no compressor ${name}`);
    return bits | value;
  }, 0);
}

function behaviour(settings: UwsSettings, compression: string): uws.WebSocketBehavior<UserData> {
  return {
    compression: compressorOf(compression),
    maxPayloadLength: settings.maxPayloadLength,
    maxBackpressure: settings.maxPayloadLength * 2,
    idleTimeout: 0,
    upgrade: (response, request, context) => {
      const headers: Record<string, string> = {};
      request.forEach((name, value) => (headers[name] = value));
      response.upgrade<UserData>(
        { url: request.getUrl(), headers },
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    },
    open: (socket) => {
      const { url, headers } = socket.getUserData();
      say({ event: 'open', url, headers });
    },
    message: (socket, message, binary) => {
      if (!settings.quiet) say({ event: 'message', bytes: message.byteLength, binary });
      if (settings.echo) socket.send(message, binary, compression !== 'DISABLED');
    },
    close: (_socket, code, message) => {
      say({ event: 'close', code, reason: Buffer.from(message).toString() });
    },
  };
}

/** uWebSockets.js wants files, and has read them once this returns. */
function secureApp(tls: NonNullable<UwsSettings['tls']>): uws.TemplatedApp {
  const { keyFile, certificateFile, remove } = writeTlsFiles(tls);
  try {
    return uws.SSLApp({
      key_file_name: keyFile,
      cert_file_name: certificateFile,
      ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    });
  } finally {
    remove();
  }
}

function serve(settings: UwsSettings): void {
  const app = settings.tls === undefined ? uws.App() : secureApp(settings.tls);
  for (const compression of settings.compressions ?? []) {
    app.ws(`/${compression}`, behaviour(settings, compression));
  }
  app.ws('/*', behaviour(settings, settings.compression ?? 'DISABLED'));
  app.listen(settings.host, 0, (listening) => {
    if (listening === false) throw new Error(`cannot listen on ${settings.host}`);
    say({ event: 'listening', port: uws.us_socket_local_port(listening) });
  });
}

// The parent has closed the fixture or is gone; the system takes the sockets back.
process.once('disconnect', () => process.exit(0));
process.once('message', (settings) => serve(settings as UwsSettings));
