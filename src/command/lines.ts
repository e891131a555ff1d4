/** The lines of a pipe. */
import { StringDecoder } from 'node:string_decoder';

/** More than a send buffer takes: such a line is passed on before its end, and refused there. */
const TOO_LONG = 64 * 2 ** 20 + 1;

const withoutCr = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/**
 * A line ends with LF or CRLF, or with the input. (node:readline also takes CR, U+2028 and U+2029
 * for ends, and JSON may hold the latter two as they are.)
 */
export async function* linesOf(
  input: AsyncIterable<string | Buffer>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const [first = '', ...others] = decoder.write(chunk).split('\n');
    rest += first;
    for (const next of others) {
      yield withoutCr(rest);
      rest = next;
    }
    if (rest.length < TOO_LONG) continue;
    yield rest;
    rest = '';
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
