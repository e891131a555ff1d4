// A connection, and after its loss the next one.
import { getLastError, webSocketClose, webSocketOpen } from 'wsfd';
import type { OpenOptions, WebSocketError } from 'wsfd';

interface Reconnect {
  readonly shouldRetry: (error: WebSocketError) => boolean;
  readonly onRetry: (error: WebSocketError, delay: number) => void;
}

/** Resolves after so many seconds, or once the signal is aborted. */
const pause = (seconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener('abort', end);
  });

export async function* webSocketConnections(
  url: string,
  options: OpenOptions & { signal: AbortSignal },
  { shouldRetry, onRetry }: Reconnect,
): AsyncGenerator<number> {
  const { signal } = options;
  const isEnded = (): boolean => signal.aborted;
  while (!isEnded()) {
    const socket = await webSocketOpen(url, options);
    const [error] = getLastError();
    if (socket >= 0) {
      yield socket;
      await webSocketClose(socket);
    }
    const delay = 0.5 + Math.random() / 2;
    if (error !== undefined && socket < 0) {
      if (isEnded()) return;
      if (!shouldRetry(error)) throw error;
      onRetry(error, delay);
    }
    await pause(isEnded() ? 0 : delay, signal);
  }
}
