// Tests that take minutes in full have a short form for `npm test`; `npm run test:long` sets
// WSFD_LONG for the full one.

/** `inFull` where the full form was asked for. */
export function extent<T>(short: T, inFull: T): T {
  return process.env['WSFD_LONG'] === undefined ? short : inFull;
}
