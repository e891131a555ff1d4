// The ways in which a program hands a message's memory on, which detach it from whoever had it.
import { MessageChannel, Worker } from 'node:worker_threads';

type Bytes = Uint8Array<ArrayBuffer>;
type Transferable = ArrayBuffer & {
  transfer?: () => ArrayBuffer;
  transferToFixedLength?: () => ArrayBuffer;
  resize?: (size: number) => void;
};

/** Each may throw where the memory cannot be detached. */
export const ways: Record<string, (bytes: Bytes) => unknown> = {
  'MessagePort.postMessage': (bytes) => {
    const { port1 } = new MessageChannel();
    try {
      port1.postMessage(bytes, [bytes.buffer]);
    } finally {
      port1.close();
    }
  },
  structuredClone: (bytes) => structuredClone(bytes, { transfer: [bytes.buffer] }),
  'new Worker': (bytes) => {
    const transferList = [bytes.buffer];
    return new Worker('', { eval: true, workerData: bytes, transferList }).terminate();
  },
  'ArrayBuffer.prototype.transfer': ({ buffer }) => (buffer as Transferable).transfer?.(),
  'ArrayBuffer.prototype.transferToFixedLength': ({ buffer }) =>
    (buffer as Transferable).transferToFixedLength?.(),
  'ArrayBuffer.prototype.resize': ({ buffer }) => (buffer as Transferable).resize?.(0),
  'a stream of bytes': (bytes) =>
    new ReadableStream({ type: 'bytes', start: (controller) => controller.enqueue(bytes) }),
  'a read into it from a stream of bytes': async (bytes) => {
    const stream = new ReadableStream({
      type: 'bytes',
      pull: ({ byobRequest }) => {
        (byobRequest?.view as Uint8Array | undefined)?.set([0]);
        byobRequest?.respond(1);
      },
    });
    await stream.getReader({ mode: 'byob' }).read(bytes);
  },
};

/** Hands one of the messages on; those that are not what they were, but for that one. */
export async function spoiltBy(
  way: string,
  index: number,
  messages: readonly Uint8Array[],
): Promise<number[]> {
  const before = messages.map((message) => Uint8Array.from(message));
  try {
    await ways[way]?.(messages[index] as Bytes);
  } catch {
    // It cannot be detached.
  }
  return messages.flatMap((message, i) =>
    i === index || Buffer.from(before[i] ?? '').equals(message) ? [] : [i],
  );
}
