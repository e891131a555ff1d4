/** The manual page (docs/wsfd.1), made from the command's tables. */
import { standaloneHelpOf, SUBCOMMANDS } from './completion.js';
import { EXIT_CODES } from './exit-codes.js';
import { FLAGS } from './flags.js';
import type { Flag } from './flags.js';
import { COMMANDS } from './slash.js';

/** Escapes the characters that groff interprets. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&');

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const item = (head: string, text: string): string => `.TP\n${head}\n${roff(text)}`;

function flagItem([name, flag]: [string, Flag]): string {
  const { short, value, only } = flag;
  const forms = [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
  const head = forms.map((form) => `\\fB${roff(form)}\\fR`).join(', ');
  const subcommands = only?.map((command) =>
    command === 'connect' ? 'wsfd URL' : `wsfd ${command}`,
  );
  const where = subcommands === undefined ? '' : ` (${subcommands.join(', ')})`;
  return item(
    `${head}${value === '' ? '' : ` \\fI${roff(value)}\\fR`}`,
    sentence(standaloneHelpOf(flag)) + where,
  );
}

export function manualPage(): string {
  const flags = Object.entries<Flag>(FLAGS).map(flagItem);
  const typed = Object.entries(COMMANDS).map(([name, { takes, help }]) =>
    item(`\\fB/${name}\\fR \\fI${roff(takes)}\\fR`.replace(' \\fI\\fR', ''), sentence(help)),
  );
  const subcommands = Object.entries(SUBCOMMANDS).map(([name, text]) => {
    const takes = { inspect: 'URL', bench: 'URL', build: '', completion: 'bash|zsh|fish' }[name];
    return item(
      `\\fBwsfd ${name}\\fR \\fI${takes ?? ''}\\fR`.replace(' \\fI\\fR', ''),
      sentence(text),
    );
  });
  const codes = EXIT_CODES.map(([code, text]) => item(String(code), text.replaceAll('`', '')));
  return `.\\" Made by scripts/generate-manual.mjs from src/command: edit that.
.TH WSFD 1 "" "wsfd" "User Commands"
.SH NAME
wsfd \\- WebSockets from a terminal
.SH SYNOPSIS
.B wsfd
.I URL
[options]
.SH DESCRIPTION
Connects, prints each message that comes as a line, and sends each line that it reads: from the
terminal until Ctrl\\-D or Ctrl\\-C, or from a pipe.
${subcommands.join('\n')}
.SH OPTIONS
${flags.join('\n')}
.SH ON A TERMINAL
Lines are edited as in a shell, with a history across runs. A line that begins with
.B /
is a command, one that begins with
.B //
sends a slash.
${typed.join('\n')}
.SH EXIT STATUS
${codes.join('\n')}
.SH ENVIRONMENT
${item('\\fBNO_COLOR\\fR', 'Anything: no colours.')}
${item('\\fBWSFD_DEBUG\\fR', '1: a trace of the connection on stderr.')}
${item('\\fBWSFD_PASSPHRASE\\fR', 'Opens a locked key or PKCS#12 file.')}
${item('\\fBXDG_STATE_HOME\\fR', 'Where the folder wsfd with the history is; ~/.local/state if it is not set.')}
.SH EXAMPLES
.nf
wsfd wss://feed.plant.example/
echo '{"method":"read"}' | wsfd \\-\\-count 1 wss://gateway/
wsfd \\-\\-reconnect \\-\\-json wss://feed.plant.example/ | jq .data
.fi
`;
}
