/**
 * With WSFD_DEBUG set to anything but 0, a trace of every connection goes to stderr, and memory that
 * must not be used any more is overwritten.
 */
const debug = process.env['WSFD_DEBUG'] ?? '';

/** Set to anything but 0. */
export const isDebugging = debug !== '' && debug !== '0';

// trace is a file of its own: a program without a trace does not load it.
if (isDebugging) module.require('./trace.js');
