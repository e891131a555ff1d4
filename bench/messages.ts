// The messages that servers send and clients expect: distinct ones, in a fixed order, over and over.
// Both sides make the same list from kind and size, so a client can tell from a message's place in
// the stream what it has to be.
import type { MessageKind, Workload } from './types';

/** Text is given as a string, binary as a Buffer. */
export type Data = string | Buffer;

const fillers: Record<Exclude<MessageKind, 'binary' | 'readings' | 'json'>, string> = {
  text: ' {"sensor":"pump.17.pressure","value":4.1827,"unit":"bar","ok":true}',
  german: ' Übertemperatur an Kühlpumpe, Öldruck prüfen: größer als zulässig,',
  chinese: '冷却泵温度过高请检查油压超过允许值',
};

/** How many distinct messages there are: about a megabyte of them, and not less than 16 (4 of large ones). */
export function messageCount(size: number): number {
  const least = size < 1 << 20 ? 16 : 4;
  return Math.max(least, Math.min(4096, Math.floor((1 << 20) / size)));
}

/** `filler` again and again, cut at a character's end and filled up to exactly `size` bytes. */
function textOf(size: number, index: number, filler: string): string {
  let text = String(index).padStart(6, '0').slice(-size);
  let room = size - text.length;
  const repeated = filler.repeat(Math.ceil(room / Buffer.byteLength(filler)));
  for (const character of repeated) {
    room -= Buffer.byteLength(character);
    if (room < 0) {
      room += Buffer.byteLength(character);
      break;
    }
    text += character;
  }
  return text + '.'.repeat(room);
}

const quantities = ['pressure', 'temperature', 'flow', 'level', 'speed', 'current'];

/** As many readings as there is room for, with values that no message before it had. */
function readingsOf(size: number, index: number): string {
  let random = index + 1;
  const next = (below: number): number => {
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    return (random >>> 8) % below;
  };
  let text = '[';
  while (text.length < size) {
    const quantity = quantities[next(quantities.length)] as string;
    const value = next(10_000_000) / 10_000;
    const time = 1_764_460_800_000 + 1000 * index + next(1000);
    text += `{"sensor":"pump.${next(500)}.${quantity}","value":${value},"time":${time}},`;
  }
  return text.slice(0, size);
}

/** A reading of a sensor; digits of the value fill it up. */
function jsonOf(size: number, index: number): string {
  const head = `{"sensor":${index % 1000},"at":${1_764_460_800_000 + index},"value":2`;
  return `${head.padEnd(size - 1, '0.1234567890')}}`;
}

function binaryOf(size: number, index: number): Buffer {
  // A buffer of its own, not a slice of Node's pool: what a client holds is then what it made.
  const data = Buffer.alloc(size);
  for (let at = 0, value = index * 2654435761; at < size; at += 1) {
    value = (Math.imul(value, 1103515245) + 12345) >>> 0;
    data[at] = value >>> 16;
  }
  return data;
}

function textFor(kind: Exclude<MessageKind, 'binary'>, size: number, index: number): string {
  if (kind === 'readings') return readingsOf(size, index);
  if (kind === 'json') return jsonOf(size, index);
  return textOf(size, index, fillers[kind]);
}

/** As a string from the network is: joined ones are compared far slower. */
const flat = (text: string): string => Buffer.from(text).toString();

/** The list, in sending order; every message has exactly `size` bytes of payload. */
export function makeMessages(kind: MessageKind, size: number): Data[] {
  return Array.from({ length: messageCount(size) }, (_, index) =>
    kind === 'binary' ? binaryOf(size, index) : flat(textFor(kind, size, index)),
  );
}

/** The query by which a server knows what to send. */
export function targetOf(path: string, workload: Workload): string {
  const { message, size, connections = 1, rate = 0, burst = 1, lateUs = 0, compression } = workload;
  const { windowBits = 0, takeover = false } = compression ?? {};
  const query = { message, size, connections, rate, burst, lateUs, windowBits, takeover };
  return `/${path}?${Object.entries(query)
    .map(([key, value]) => `${key}=${value}`)
    .join('&')}`;
}
