/** Removes secrets from headers. */
import { groupHeaders } from '../errors/errors.js';

/** Names of headers whose values are secrets. */
const SECRET = /authorization|cookie|token|secret|password|credential|api-?key/i;

/** A header's value without secrets. */
function redact(name: string, value: string): string {
  return SECRET.test(name) ? '***' : value.replace(/\/\/[^/?#\s]*@/g, '//***@');
}

/** `pairs`: name, value, name, value … */
export function redactHeaders(pairs: readonly string[]): Record<string, string | string[]> {
  return groupHeaders(
    pairs.map((text, i) => (i % 2 === 0 ? text : redact(pairs[i - 1] ?? '', text))),
  );
}

/** `head`: of a request, its lines separated by CR LF; returns the lines. */
export function redactHead(head: string): string[] {
  const [requestLine = '', ...fields] = head.trimEnd().split('\r\n');
  const redacted = fields.map((field) => {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon);
    return `${name}: ${redact(name, field.slice(colon + 1).trim())}`;
  });
  return [requestLine, ...redacted];
}
