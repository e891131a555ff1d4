// undici's WebSocket, which is also Node's own.
import { Agent, WebSocket as UndiciWebSocket } from 'undici';
import type { Client } from './client';
import { opened } from './standard';

let dispatcher: Agent | undefined;

export const client: Client = {
  open: (url, take, { ca, resume }) => {
    dispatcher ??= new Agent({
      connect: {
        ...(ca === undefined ? {} : { ca }),
        ...(resume ? {} : { maxCachedSessions: 0 }),
      },
    });
    return opened(new UndiciWebSocket(url, { dispatcher }) as unknown as WebSocket, take);
  },
};
