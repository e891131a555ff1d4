// Made by scripts/generate-shared.mjs from the files named here: edit those, not this.

// native/driver/socket.h
/** What became of a message that was to be written. */
export const WriteStatus = {
  accepted: 0,
  notOpen: 1,
  full: 2,
  failed: 3,
} as const;

// native/binding/status.h
/** Where the output of a socket is. */
export const DrainStatus = {
  /** All handed to the system. */
  drained: 0,
  /** Not all of it yet: onDrained follows. */
  waits: 1,
  /** Some of it never will be. */
  lost: 2,
} as const;

// native/binding/status.h
/** How `run` ended. */
export const RunStatus = {
  /** Nothing happened in time. */
  nothing: 0,
  /** The inbox was told something. */
  something: 1,
  /** In an earlier `run` V8 ended the program while the inbox was told something: lost. */
  broken: 2,
  /** It is called from inside of another. */
  busy: 3,
} as const;

// native/driver/tracer.h
/** What a socket is asked to tell of its life; bits of OpenOptions::trace. */
export const TraceTopic = {
  attempts: 1,
  proxy: 2,
  tls: 4,
  handshake: 8,
  controlFrames: 16,
} as const;

// native/driver/tracer.h
/** What happened. */
export const TRACE_KINDS = [
  'lookup',
  'resolved',
  'connecting',
  'connected',
  'failed',
  'abandoned',
  'proxyAsked',
  'proxyAnswered',
  'tls',
  'request',
  'response',
  'controlIn',
  'controlOut',
] as const;

// native/connection/state.h
/** Where a connection is (RFC 6455 section 4.1 for kOpening, section 7.1 for the end). */
export const STATES = ['opening', 'open', 'localClosing', 'remoteClosing', 'closed'] as const;

// native/tls/context.h
/** The private key algorithms that sslConfig.privateKey.algorithm may name. */
export const KEY_ALGORITHMS = ['RSA', 'DSA', 'EC', 'ED25519', 'ED448'] as const;

// native/binding/packer.h
/** What a message of a packed batch is. */
export const PackedKind = {
  binary: 0,
  text: 1,
  /** Text without a byte over 0x7F. */
  ascii: 2,
} as const;

// native/binding/write.h
/** What became of several messages, which is written into the staging sizes: no value has to be made for it, which could fail when messages are accepted. */
export const WriteResult = {
  /** How many messages were accepted, from the first. */
  done: 0,
  /** WriteStatus of the one behind them; kAccepted: there is none. */
  status: 1,
  /** PackedFault; nothing was accepted unless it is kNone. */
  fault: 2,
  /** The number of the message that has the fault. */
  place: 3,
  /** The first of the lengths that writeTexts and writeStaged are given. */
  lengths: 4,
} as const;

// native/binding/write.h
/** Why a packed list of messages cannot be sent. */
export const PackedFault = {
  none: 0,
  /** A message ends before it begins, or past the bytes. */
  end: 1,
  /** It is not UTF-8; of writeTexts: they are not all ASCII. */
  text: 2,
} as const;

// native/binding/environment.h
/** The methods of src/socket/inbox.ts's Inbox that native code calls, with the inbox as `this`. */
export const CALLBACKS = [
  'onOpen',
  'onOpenFailed',
  'onMessages',
  'onPong',
  'onEnd',
  'onDrained',
  'onClosed',
  'onKeyLog',
  'onTrace',
  'onPacked',
] as const;

// native/connection/message.h
/** How many messages come in one batch at the most, each with a staging slot. */
export const STAGING_SLOTS = 512;

// native/binding/environment.h
/** The largest binary message that comes in the staging area. */
export const STAGING_SLOT_SIZE = 64;

// native/binding/write.h
/** The most UTF-16 units of the texts that one call of writeTexts writes. */
export const MOST_JOINED = 32768;

// native/binding/batch_values.cc
/** From here on a binary message comes in a Buffer of its own, which the main thread may be lent. */
export const LEAST_OWN_BUFFER = 16384;

// native/frame/header.h
/** RFC 6455 section 5.5: all control frames have a payload of 125 bytes or less. */
export const MAX_CONTROL_PAYLOAD = 125;
