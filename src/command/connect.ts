/** `wsfd URL`: prints received messages, sends the lines that are typed or piped in. */
import { getLastError, webSocketClose, webSocketConnections, webSocketOpen } from '../index.js';
import { WebSocketError } from '../index.js';
import { EXIT_DONE, EXIT_INTERRUPTED } from './exit-codes.js';
import { numberOf, openOptionsOf } from './flags.js';
import type { Values } from './flags.js';
import { Keyboard, sendInput } from './input.js';
import { jsonPrinter, textPrinter } from './printer.js';
import { Session } from './session.js';
import { isInteractive, plainScreen, Terminal } from './terminal.js';

/** The socket, or with --reconnect one after the other. Without it, reports a failed opening. */
async function* connectionsOf(
  url: string,
  values: Values,
  session: Session,
): AsyncGenerator<number, void, undefined> {
  const options = { ...openOptionsOf(values), signal: session.signal };
  if (values.reconnect === true) {
    yield* webSocketConnections(url, options, {
      onRetry: (error, delay) => {
        session.retry(error, delay);
      },
    });
    return;
  }
  const socket = await webSocketOpen(url, options);
  if (socket < 0) {
    for (const error of getLastError()) session.fail(error);
    return;
  }
  try {
    yield socket;
  } finally {
    await webSocketClose(socket);
  }
}

/** Starts to send the input. The caller calls the returned function at the end. */
function startInput(session: Session, values: Values): () => void {
  if (values.binary === true || values.json === true || !isInteractive()) {
    void sendInput(session, values);
    return () => undefined;
  }
  const keyboard = new Keyboard(session);
  const terminal = new Terminal(keyboard);
  session.printer = textPrinter(terminal, false, true);
  keyboard.screen = terminal;
  terminal.draw();
  return () => {
    terminal.close();
  };
}

/** Opens a connection and serves it until its end; resolves with the exit code. */
export async function connect(url: string, values: Values): Promise<number> {
  const printer =
    values.json === true
      ? jsonPrinter(plainScreen)
      : textPrinter(plainScreen, values.binary === true, false);
  const session = new Session(printer, {
    reconnects: values.reconnect === true,
    count: numberOf(values, 'count', Infinity),
    quietMs: 1000 * numberOf(values, 'quiet-for', Infinity, { whole: false, least: 0.001 }),
  });
  const interrupt = (): void => void session.end(EXIT_INTERRUPTED);
  process.once('SIGINT', interrupt);
  let stopInput: (() => void) | undefined;
  try {
    for await (const socket of connectionsOf(url, values, session)) {
      stopInput ??= startInput(session, values);
      await session.serve(socket);
      if (session.exitCode !== undefined) break;
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    session.fail(error);
  } finally {
    session.stopWaiting();
    process.removeListener('SIGINT', interrupt);
    stopInput?.();
    process.stdin.destroy();
  }
  const { exitCode = EXIT_DONE } = session;
  if (exitCode === EXIT_INTERRUPTED) {
    await session.end(exitCode);
    // Output that nobody reads would keep the process alive.
    process.exit(exitCode);
  }
  return exitCode;
}
