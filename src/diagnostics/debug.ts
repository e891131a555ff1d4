/**
 * With WSFD_DEBUG set to anything but 0, a trace of every connection goes to stderr, and the memory
 * of a batch that is over is overwritten.
 */
const debug = process.env['WSFD_DEBUG'] ?? '';

export const isDebugging = debug !== '' && debug !== '0';

// A program without a trace does not load trace.js.
if (isDebugging) module.require('./trace.js');
