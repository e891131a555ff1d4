/** `wsfd completion SHELL`: completion scripts of shells, made from the table of flags. */
import { FLAGS, flagsOf } from './flags.js';
import type { Command, Flag } from './flags.js';
import { UsageError } from './usage-error.js';

/** The subcommands, and what each does; `connect` has no name. */
export const SUBCOMMANDS = {
  inspect: 'show how a connection comes about',
  bench: 'send messages and time their echoes',
  build: 'build the native part from source',
  completion: 'print what has a shell complete these',
} as const;

const CONNECTING: readonly Command[] = ['connect', 'inspect', 'bench'];
const SHELL_NAMES = ['bash', 'zsh', 'fish'] as const;

const all = Object.entries<Flag>(FLAGS);
const names = Object.keys(SUBCOMMANDS);
const isFile = ([, { value }]: [string, Flag]): boolean => value === 'FILE';
const written = ([name, { short }]: [string, Flag]): string[] =>
  short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];

/** The description of a single flag. */
export const standaloneHelpOf = ({ standaloneHelp, help }: Flag): string =>
  standaloneHelp ?? help ?? '';

function bash(): string {
  const ofCommand = CONNECTING.map(
    (command) => `    ${command}) flags='${flagsOf(command).flatMap(written).join(' ')}' ;;`,
  );
  const files = all.filter(isFile).flatMap(written).join('|');
  const others = all.filter((flag) => flag[1].value !== '' && !isFile(flag));
  return `# bash completion of wsfd. In ~/.bashrc: source <(wsfd completion bash)
_wsfd() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local command=connect flags='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names.join('|')}) command=$word; break ;; esac
  done
  COMPREPLY=()
  # --name=VALUE is three words for bash.
  if [[ $before = = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ $current = = ]]; then current=''; fi
  case $before in
    ${files}) compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    ${others.flatMap(written).join('|')}) return ;;
  esac
  case $command in
${ofCommand.join('\n')}
    completion) flags='${SHELL_NAMES.join(' ')}' ;;
  esac
  if [[ $current != -* && $command = connect ]]; then flags='${names.join(' ')}'; fi
  mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
}
complete -F _wsfd wsfd
`;
}

/** Escapes for single quotes, and for the brackets of a zsh specification. */
const quoted = (text: string): string => text.replaceAll("'", "'\\''");
const bracketed = (text: string): string => quoted(text).replaceAll(/[[\]:]/g, '\\$&');

function zshSpecification(flag: [string, Flag]): string {
  const [, { value, multiple }] = flag;
  const action =
    value === '' ? '' : `:${value.replaceAll(/[':]/g, '')}:${isFile(flag) ? '_files' : ' '}`;
  const text = `[${bracketed(standaloneHelpOf(flag[1]))}]${action}`;
  const forms = written(flag);
  const before = multiple === true ? '*' : `(${forms.join(' ')})`;
  // (--name VALUE, and --name=VALUE)
  const behind = (form: string): string => (value !== '' && form.startsWith('--') ? '=' : '');
  return forms.map((form) => `'${before}${form}${behind(form)}${text}'`).join(' ');
}

function zsh(): string {
  const ofCommand = CONNECTING.map((command) => {
    const lines = flagsOf(command).map((flag) => `      ${zshSpecification(flag)}`);
    return `    ${command}) flags=(\n${lines.join('\n')}\n    ) ;;`;
  });
  const commands = Object.entries(SUBCOMMANDS).map(([name, text]) => `'${name}:${quoted(text)}'`);
  return `#compdef wsfd
# zsh completion of wsfd. In a folder of $fpath: wsfd completion zsh > _wsfd
_wsfd_commands() {
  local -a commands=(
    ${commands.join('\n    ')}
  )
  _describe command commands
}
_wsfd() {
  local command=connect word operand='()'
  local -a flags
  for word in \${words[2,CURRENT-1]}; do
    case $word in ${names.join('|')}) command=$word; break ;; esac
  done
  case $command in
${ofCommand.join('\n')}
    completion) operand='(${SHELL_NAMES.join(' ')})' ;;
  esac
  if [[ $command = connect ]]; then operand=_wsfd_commands; fi
  _arguments -s $flags "*: :$operand"
}
if [[ $funcstack[1] = _wsfd ]]; then _wsfd "$@"; else compdef _wsfd wsfd; fi
`;
}

const fishText = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;

function fish(): string {
  const named = names.filter((name) => name !== 'completion').join(' ');
  const commands = Object.entries(SUBCOMMANDS).map(
    ([name, text]) => `complete -c wsfd -n __fish_use_subcommand -a ${name} -d ${fishText(text)}`,
  );
  const lines = all.map((flag) => {
    const [name, { short, value, only }] = flag;
    const wanted = only ?? CONNECTING;
    const seen = wanted.filter((command) => command !== 'connect').join(' ');
    // `connect` has no name.
    const when = wanted.includes('connect')
      ? `not __fish_seen_subcommand_from ${names.filter((it) => !seen.split(' ').includes(it)).join(' ')}`
      : `__fish_seen_subcommand_from ${seen}`;
    const kind = value === '' ? '' : isFile(flag) ? ' -r -F' : ' -x';
    const letter = short === undefined ? '' : ` -s ${short}`;
    return `complete -c wsfd -n '${when}'${letter} -l ${name}${kind} -d ${fishText(standaloneHelpOf(flag[1]))}`;
  });
  return `# fish completion of wsfd: wsfd completion fish > ~/.config/fish/completions/wsfd.fish
# (its subcommands: ${named}, completion)
complete -c wsfd -f
${commands.join('\n')}
complete -c wsfd -n '__fish_seen_subcommand_from completion' -a '${SHELL_NAMES.join(' ')}'
${lines.join('\n')}
`;
}

const SHELLS: Readonly<Record<(typeof SHELL_NAMES)[number], () => string>> = { bash, zsh, fish };

/** The completion for the shell that the arguments name; throws a UsageError for another. */
export function completionFor(args: readonly string[]): string {
  const [shell = '', ...more] = args;
  const known = SHELL_NAMES.find((name) => name === shell);
  if (known !== undefined && more.length === 0) return SHELLS[known]();
  throw new UsageError(
    `wsfd completion: expected one of ${SHELL_NAMES.join(', ')}, got "${args.join(' ')}"`,
  );
}
