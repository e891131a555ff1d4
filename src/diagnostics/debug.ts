/** With WSFD_DEBUG set to anything but 0, a trace of every connection goes to stderr. */
const debug = process.env['WSFD_DEBUG'] ?? '';

// trace is a file of its own: a program without a trace does not load it.
if (debug !== '' && debug !== '0') module.require('./trace.js');
