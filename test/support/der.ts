// A writer of DER (ITU-T X.690): as much of it as certificates need.

/** One element: identifier octet, length, contents. */
export function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export const sequence = (...elements: Uint8Array[]): Buffer => element(0x30, ...elements);
export const set = (...elements: Uint8Array[]): Buffer => element(0x31, ...elements);
export const boolean = (value: boolean): Buffer => element(0x01, Buffer.from([value ? 0xff : 0]));
export const octetString = (bytes: Uint8Array): Buffer => element(0x04, bytes);
export const nothing = (): Buffer => element(0x05);
export const utf8String = (text: string): Buffer => element(0x0c, Buffer.from(text));

/** [number] EXPLICIT around `contents`. */
export const explicit = (number: number, ...contents: Uint8Array[]): Buffer =>
  element(0xa0 | number, ...contents);

/** [number] IMPLICIT of a primitive type with these contents. */
export const implicit = (number: number, contents: Uint8Array): Buffer =>
  element(0x80 | number, contents);

/** An INTEGER that is not negative; `bytes` are big-endian. */
export function integer(bytes: Uint8Array | number): Buffer {
  if (typeof bytes === 'number') return integer(Buffer.from([bytes]));
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const value = bytes.subarray(start);
  // X.690 section 8.3.3: two's complement, so a set first bit needs a zero octet before it.
  const sign = ((value[0] ?? 0) & 0x80) === 0 ? [] : [0];
  return element(0x02, Buffer.from(sign), value);
}

/** A BIT STRING without unused bits, or with `unused` of them at its end. */
export const bitString = (bytes: Uint8Array, unused = 0): Buffer =>
  element(0x03, Buffer.from([unused]), bytes);

/** An OBJECT IDENTIFIER in its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    // X.690 section 8.19.2: groups of seven bits, all but the last with their first bit set.
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return element(0x06, Buffer.from(octets));
}

/**
 * A point in time to the second. RFC 5280 section 4.1.2.5: "CAs conforming to this profile MUST
 * always encode certificate validity dates through the year 2049 as UTCTime; certificate validity
 * dates in 2050 or later MUST be encoded as GeneralizedTime."
 */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
}

/** PEM (RFC 7468) of `der`. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
