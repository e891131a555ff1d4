// A server process of uWebSockets.js: the well-behaved one.
import * as uws from 'uWebSockets.js';
import type { Plan } from '../model/plan';
import type { Ports, ServerFiles } from '../protocol';
import { serveParent } from './parent';
import { openSides, planIn, setPace, Side } from './side';

interface UserData {
  plan: Plan;
  side?: Side;
}

const compressors: Readonly<Record<Plan['deflate'], number>> = {
  none: uws.DISABLED,
  takeover: uws.DEDICATED_COMPRESSOR_32KB | uws.DEDICATED_DECOMPRESSOR,
  noTakeover: uws.SHARED_COMPRESSOR | uws.SHARED_DECOMPRESSOR,
};

/** The side's hold on a connection. */
function attach(socket: uws.WebSocket<UserData>, deflate: boolean): Side {
  return new Side(socket.getUserData().plan, {
    send: (data) => void socket.send(data, typeof data !== 'string', deflate),
    buffered: () => socket.getBufferedAmount(),
    close: (code) => socket.end(code),
    cut: () => socket.close(),
  });
}

function behaviour(deflate: Plan['deflate']): uws.WebSocketBehavior<UserData> {
  return {
    compression: compressors[deflate],
    maxPayloadLength: 16 << 20,
    maxBackpressure: 64 << 20,
    idleTimeout: 0,
    upgrade: (response, request, context) => {
      response.upgrade<UserData>(
        { plan: planIn(request.getQuery()) },
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    },
    open: (socket) => {
      socket.getUserData().side = attach(socket, deflate !== 'none');
    },
    message: (socket, message, isBinary) => {
      const bytes = Buffer.from(message);
      socket.getUserData().side?.take(isBinary ? bytes : bytes.toString());
    },
    close: (socket, code) => {
      socket.getUserData().side?.gone(code);
    },
  };
}

function listen(app: uws.TemplatedApp): Promise<number> {
  for (const deflate of ['none', 'takeover', 'noTakeover'] as const) {
    app.ws(`/stream/${deflate}`, behaviour(deflate));
  }
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('cannot listen on 127.0.0.1'));
      else resolve(uws.us_socket_local_port(socket));
    });
  });
}

async function start({ key, certificate }: ServerFiles): Promise<Ports> {
  const plain = await listen(uws.App());
  const tls = await listen(uws.SSLApp({ key_file_name: key, cert_file_name: certificate }));
  return { plain, tls, certificate: 0, strange: 0, proxy: 0 };
}

serveParent({ start, setPace, open: openSides });
