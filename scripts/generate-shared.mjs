// Makes src/native/shared.ts, the enums and sizes of C++ that TypeScript needs too, from the files
// that declare them. Usage: node scripts/generate-shared.mjs [--check]
import { constantOf, enumeratorsOf, readSource, runGenerator, updateFiles } from './lists.mjs';
import { isMain } from './tools.mjs';

const target = 'src/native/shared.ts';

/**
 * The enums: where each is declared, and its name in TypeScript. With `list` it becomes an array of
 * names at their numbers, else an object with a number for each name.
 */
const enums = [
  { file: 'native/driver/socket.h', name: 'WriteStatus', as: 'WriteStatus' },
  { file: 'native/binding/status.h', name: 'DrainStatus', as: 'DrainStatus' },
  { file: 'native/binding/status.h', name: 'RunStatus', as: 'RunStatus' },
  { file: 'native/driver/tracer.h', name: 'TraceTopic', as: 'TraceTopic', prefix: 'kTrace' },
  { file: 'native/driver/tracer.h', name: 'Kind', as: 'TRACE_KINDS', list: true },
  { file: 'native/connection/state.h', name: 'State', as: 'STATES', list: true },
  {
    file: 'native/tls/context.h',
    name: 'KeyAlgorithm',
    as: 'KEY_ALGORITHMS',
    list: true,
    upper: true,
  },
  { file: 'native/binding/packer.h', name: 'PackedKind', as: 'PackedKind' },
  { file: 'native/binding/write.h', name: 'WriteResult', as: 'WriteResult' },
  { file: 'native/binding/write.h', name: 'PackedFault', as: 'PackedFault' },
  { file: 'native/binding/environment.h', name: 'Callback', as: 'CALLBACKS', list: true },
];

/** The sizes, in bytes if `what` gives no other unit. */
const constants = [
  {
    file: 'native/connection/message.h',
    name: 'kCapacity',
    as: 'STAGING_SLOTS',
    what: 'How many messages come in one batch at the most, each with a staging slot.',
  },
  {
    file: 'native/binding/environment.h',
    name: 'kStagingSlotSize',
    as: 'STAGING_SLOT_SIZE',
    what: 'The largest binary message that comes in the staging area.',
  },
  {
    file: 'native/binding/write.h',
    name: 'kMostJoined',
    as: 'MOST_JOINED',
    what: 'The most UTF-16 units of the texts that one call of writeTexts writes.',
  },
  {
    file: 'native/binding/batch_values.cc',
    name: 'kLeastOwnBuffer',
    as: 'LEAST_OWN_BUFFER',
    what: 'From here on a binary message comes in a Buffer of its own, which the main thread may be lent.',
  },
  {
    file: 'native/frame/header.h',
    name: 'kMaxControlPayload',
    as: 'MAX_CONTROL_PAYLOAD',
    what: 'RFC 6455 section 5.5: all control frames have a payload of 125 bytes or less.',
  },
];

const lowerFirst = (name) => name[0].toLowerCase() + name.slice(1);

/** The declaration of an enum in TypeScript, from the text of the header. */
export function enumDeclaration(source, { name, as, prefix = 'k', list = false, upper = false }) {
  const { comment, members } = enumeratorsOf(source, name);
  if (comment === '') throw new Error(`${name} has no comment above it`);
  const named = members.map(({ symbol, value, comment: what }) => {
    const bare = symbol.slice(prefix.length);
    const docs = what === '' ? '' : `/** ${what[0].toUpperCase()}${what.slice(1)}. */\n`;
    return { name: upper ? bare.toUpperCase() : lowerFirst(bare), value, docs };
  });
  if (list && named.some(({ value }, i) => value !== i)) {
    throw new Error(`${name}: its numbers are not those of a list`);
  }
  const value = list
    ? JSON.stringify(named.map((member) => member.name))
    : `{\n${named.map((member) => `${member.docs}${member.name}: ${String(member.value)},\n`).join('')}}`;
  return `/** ${comment} */\nexport const ${as} = ${value} as const;`;
}

/** src/native/shared.ts, before Prettier. */
function sharedModule(folder) {
  const read = (file) => readSource(file, folder);
  const sections = [
    ...enums.map((entry) => [entry.file, enumDeclaration(read(entry.file), entry)]),
    ...constants.map(({ file, name, as, what }) => {
      const value = String(constantOf(read(file), name));
      return [file, `/** ${what} */\nexport const ${as} = ${value};`];
    }),
  ].map(([file, declaration]) => `// ${file}\n${declaration}`);
  const origin =
    '// Made by scripts/generate-shared.mjs from the files named here: edit those, not this.';
  return `${[origin, ...sections].join('\n\n')}\n`;
}

/** Writes the file, or with `check` only compares it; its name where it differed. */
export const generateShared = ({ folder, check } = {}) =>
  updateFiles({ [target]: sharedModule(folder) }, { folder, check });

if (isMain(import.meta.url)) await runGenerator(generateShared, 'the headers of native/');
