// Every combination of what permessage-deflate can negotiate (RFC 7692 section 7.1), and echoes
// through a connection that has it.
import assert from 'node:assert/strict';
import { webSocketInfo, webSocketReadMany, webSocketWriteMany } from 'wsfd';
import type { Message, PerMessageDeflateOptions } from 'wsfd';
import { close, ok, open } from './calls';

const bits = [9, 10, 11, 12, 13, 14, 15];
const flags = [false, true];

const negotiable = bits.flatMap((clientMaxWindowBits) =>
  bits.flatMap((serverMaxWindowBits) =>
    flags.flatMap((clientNoContextTakeover) =>
      flags.map((serverNoContextTakeover) => ({
        clientMaxWindowBits,
        serverMaxWindowBits,
        clientNoContextTakeover,
        serverNoContextTakeover,
      })),
    ),
  ),
);

/** 196 of them; the levels and two thresholds take turns. */
export const combinations: Required<PerMessageDeflateOptions>[] = negotiable.map((agreed, i) => ({
  ...agreed,
  level: i % 10,
  threshold: i % 3 === 0 ? 100 : 0,
}));

const same = (a: Message | undefined, b: Message): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a?.equals(b) === true;

/**
 * Sends messages and takes their echoes, at most a hundred in flight: uWebSockets.js 3.0.6 cuts the
 * connection at some valid frames where one read brings it more than 64 KiB of them.
 */
async function echoAll(socket: number, messages: readonly Message[]): Promise<void> {
  const portion = 50;
  const echoes: Message[] = [];
  let sent = 0;
  let back = 0;
  while (back < messages.length) {
    for (; sent < messages.length && sent - back <= portion; sent += portion) {
      await ok(webSocketWriteMany(socket, messages.slice(sent, sent + portion)));
    }
    echoes.length = 0;
    await ok(webSocketReadMany(socket, echoes, 60));
    for (const echo of echoes) {
      assert.ok(same(messages[back], echo), `message ${back} came back as another`);
      back += 1;
    }
  }
}

/** Opens a connection, has `check` look at what was agreed, and echoes. */
export async function echoWith(
  url: string,
  perMessageDeflate: PerMessageDeflateOptions,
  messages: readonly Message[],
  check: (extensions: string) => void,
): Promise<void> {
  const socket = await open(url, { perMessageDeflate });
  const { extensions } = webSocketInfo(socket) ?? assert.fail();
  assert.match(extensions, /^permessage-deflate/);
  check(extensions);
  await echoAll(socket, messages);
  await close(socket);
}

/** The value of a parameter in an answer; '' for one without; undefined where it is not there. */
export function parameterOf(extensions: string, name: string): string | undefined {
  const found = new RegExp(`; ?${name}(?:=(\\d+))?(?:;|$)`).exec(extensions);
  return found === null ? undefined : (found[1] ?? '');
}
