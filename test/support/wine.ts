// What wine does otherwise than Windows: why a test is skipped there, and false everywhere else.

const isWine = process.platform === 'win32' && process.env['WINEPREFIX'] !== undefined;

/**
 * For tests that tell a reset from an end. Wine's server reads the error of the socket (SO_ERROR),
 * which clears it, so that the read behind it finds an end. node:net is told the same.
 */
export const resetIsAnEnd = isWine && 'wine reports a reset as an end of the connection';

/**
 * How a server breaks a connection off where a test does not care how, and what its client is told:
 * by a reset, but where that cannot be told from an end.
 */
export const breakOff = isWine
  ? ({ by: 'end', code: 'WSFD_CLOSED_ABNORMALLY' } as const)
  : ({ by: 'reset', code: 'WSFD_CONNECTION_LOST' } as const);
