/** The commands in lines typed on a terminal. Pure. */
import { nearest } from '../base/nearest.js';

export type Typed =
  | { kind: 'send'; text: string }
  | { kind: 'ping' | 'help' }
  | { kind: 'close'; code: number; reason: string }
  | { kind: 'binary'; file: string }
  /** What was expected. */
  | { kind: 'wrong'; why: string };

interface Command {
  /** Its argument in the help. */
  readonly takes: string;
  readonly help: string;
  read(argument: string): Typed;
}

const bare =
  (kind: 'ping' | 'help') =>
  (argument: string): Typed =>
    argument === '' ? { kind } : { kind: 'wrong', why: `/${kind} takes nothing` };

/** Every command; a line that begins with `//` is none. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  ping: { takes: '', help: 'ping the server', read: bare('ping') },
  close: {
    takes: '[CODE [REASON]]',
    help: 'close the connection (1000)',
    read: (argument) => {
      const [, code = '', reason = ''] = /^(\S*)\s*(.*)$/.exec(argument) ?? [];
      if (code === '') return { kind: 'close', code: 1000, reason: '' };
      if (/^\d+$/.test(code)) return { kind: 'close', code: Number(code), reason };
      return { kind: 'wrong', why: `/close: expected a close code, got "${code}"` };
    },
  },
  binary: {
    takes: 'FILE',
    help: 'send a file as one binary message',
    read: (file) =>
      file === '' ? { kind: 'wrong', why: '/binary: expected a file' } : { kind: 'binary', file },
  },
  help: { takes: '', help: 'this list', read: bare('help') },
};

const names = Object.keys(COMMANDS);

export function readTyped(line: string): Typed {
  if (!line.startsWith('/')) return { kind: 'send', text: line };
  if (line.startsWith('//')) return { kind: 'send', text: line.slice(1) };
  const [, name = '', argument = ''] = /^\/(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command.read(argument);
  const why = `there is no /${name}; the nearest one is /${nearest(name, names)}, and // sends a /`;
  return { kind: 'wrong', why };
}

/** The lines of /help. */
export const describeCommands = (): string[] => [
  ...Object.entries(COMMANDS).map(
    ([name, { takes, help }]) => `${`/${name} ${takes}`.padEnd(24)}${help}`,
  ),
  `${'//TEXT'.padEnd(24)}send /TEXT`,
  `${'Ctrl-D, Ctrl-C'.padEnd(24)}end; end at once`,
];

/** For readline's completer: the commands that a line may become. */
export function completeTyped(line: string): [string[], string] {
  const hits = names.map((name) => `/${name}`).filter((name) => name.startsWith(line));
  return [line.startsWith('/') ? hits : [], line];
}
