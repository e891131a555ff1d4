/** The option perMessageDeflate: what is offered of RFC 7692, and when we compress. */
import {
  booleanAdvice,
  invalidOption,
  readBoolean,
  readRecord,
  readWhole,
} from '../errors/argument.js';
import type { NativeCompressionOptions } from '../native/addon.js';

/** Parameters of permessage-deflate (RFC 7692 section 7.1), and how we use it. */
export interface PerMessageDeflateOptions {
  /** `true`: we compress each message on its own, and hold no memory between them. Default: false. */
  clientNoContextTakeover?: boolean;
  /** `true`: asks the server to compress each message on its own. Default: false. */
  serverNoContextTakeover?: boolean;
  /** Our window has at most 2 to this power bytes: 9 to 15. Default: 15. */
  clientMaxWindowBits?: number;
  /** Asks the server to use at most such a window: 9 to 15. Default: 15. */
  serverMaxWindowBits?: number;
  /** Messages of fewer bytes are sent uncompressed. Default: 1024. */
  threshold?: number;
  /** From 0 (none) over 1 (fastest) to 9 (best). Default: zlib's, which is 6. */
  level?: number;
}

type Reader = (name: string, value: unknown, to: NativeCompressionOptions) => void;

const readers: Record<keyof PerMessageDeflateOptions, Reader> = {
  clientNoContextTakeover: (name, value, to) => {
    to.clientNoContextTakeover = readBoolean(name, value);
  },
  serverNoContextTakeover: (name, value, to) => {
    to.serverNoContextTakeover = readBoolean(name, value);
  },
  // RFC 7692 section 7.1.2 has 8 too, which zlib does not compress with.
  clientMaxWindowBits: (name, value, to) => {
    to.clientMaxWindowBits = readWhole(name, value, [9, 15]);
  },
  serverMaxWindowBits: (name, value, to) => {
    to.serverMaxWindowBits = readWhole(name, value, [9, 15]);
  },
  threshold: (name, value, to) => {
    to.threshold = readWhole(name, value, [0, Number.MAX_SAFE_INTEGER]);
  },
  level: (name, value, to) => {
    to.level = readWhole(name, value, [0, 9]);
  },
};

/** What is to be offered; undefined: nothing. */
export function readPerMessageDeflate(value: unknown): NativeCompressionOptions | undefined {
  if (value === false) return undefined;
  const options: NativeCompressionOptions = {
    clientNoContextTakeover: false,
    serverNoContextTakeover: false,
    clientMaxWindowBits: 15,
    serverMaxWindowBits: 15,
    threshold: 1024,
    level: -1,
  };
  if (value === true) return options;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const expected = 'true, false or an object such as { threshold: 1024 }';
    throw invalidOption('perMessageDeflate', expected, value, booleanAdvice(value));
  }
  const given = readRecord('perMessageDeflate', value, Object.keys(readers));
  for (const [name, entry] of Object.entries(given)) {
    readers[name as keyof typeof readers](`perMessageDeflate.${name}`, entry, options);
  }
  return options;
}
