/** The option perMessageDeflate: the offer (RFC 7692), and when we compress. */
import {
  booleanAdvice,
  invalidOption,
  readBoolean,
  readRecord,
  readWhole,
} from '../errors/argument.js';
import type { NativeCompressionOptions } from '../native/open-tuple.js';
import { DEFLATE_FLAGS, DEFLATE_WHOLE } from './table.js';
import type { PerMessageDeflateOptions } from './table.js';

const NAMES = [...Object.keys(DEFLATE_FLAGS), ...Object.keys(DEFLATE_WHOLE)];

const isFlag = (name: string): name is keyof typeof DEFLATE_FLAGS =>
  Object.hasOwn(DEFLATE_FLAGS, name);

/** The offer; undefined: none. */
export function readPerMessageDeflate(value: unknown): NativeCompressionOptions | undefined {
  if (value === false) return undefined;
  const options: NativeCompressionOptions = {
    clientNoContextTakeover: DEFLATE_FLAGS.clientNoContextTakeover,
    serverNoContextTakeover: DEFLATE_FLAGS.serverNoContextTakeover,
    clientMaxWindowBits: DEFLATE_WHOLE.clientMaxWindowBits.default,
    serverMaxWindowBits: DEFLATE_WHOLE.serverMaxWindowBits.default,
    threshold: DEFLATE_WHOLE.threshold.default,
    level: DEFLATE_WHOLE.level.default,
  };
  if (value === true) return options;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const expected = 'true, false or an object such as { threshold: 1024 }';
    throw invalidOption('perMessageDeflate', expected, value, booleanAdvice(value));
  }
  const given = readRecord('perMessageDeflate', value, NAMES);
  for (const [key, entry] of Object.entries(given)) {
    const name = key as keyof PerMessageDeflateOptions;
    const path = `perMessageDeflate.${name}`;
    if (isFlag(name)) options[name] = readBoolean(path, entry);
    else options[name] = readWhole(path, entry, DEFLATE_WHOLE[name]);
  }
  return options;
}
