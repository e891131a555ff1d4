// The command `wsfd`, run as a user runs it: with pipes, or in a pseudo-terminal.
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// This file runs as out/test/support/command.js.
const program = join(__dirname, '..', '..', '..', 'dist', 'command', 'main.js');

export interface CommandOutcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A running command. */
export class RunningCommand {
  stdout = '';
  stderr = '';
  private waiting: (() => void)[] = [];
  private readonly ended: Promise<unknown[]>;

  constructor(readonly child: ChildProcessWithoutNullStreams) {
    child.stdout.on('data', (bytes: Buffer) => {
      this.stdout += bytes.toString();
      this.look();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      this.stderr += bytes.toString();
      this.look();
    });
    this.ended = once(child, 'close');
    void this.ended.then(() => {
      this.look();
    });
  }

  private look(): void {
    for (const look of this.waiting.splice(0)) look();
  }

  /** Waits until it has printed this, on either stream; throws if it ends before. */
  printed(text: string): Promise<void> {
    return this.shows(() => (this.stdout + this.stderr).includes(text));
  }

  /** Waits until what it has printed fulfils this; throws if it ends before. */
  async shows(condition: (stdout: string) => boolean): Promise<void> {
    while (!condition(this.stdout)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`it ended, and had printed:\n${this.stdout}${this.stderr}`);
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  async end(): Promise<CommandOutcome> {
    const [code, signal] = (await this.ended) as [number | null, NodeJS.Signals | null];
    return { code, signal, stdout: this.stdout, stderr: this.stderr };
  }
}

/** What may make Node think differently of a terminal's colours: it is to depend on TERM alone. */
const aboutColours =
  /^(CI|NO_COLOR|FORCE_COLOR|NODE_DISABLE_COLORS|COLORTERM|TMUX|TEAMCITY_VERSION)$/;

/** For the history of what is typed; that of whoever runs the tests is left alone. */
const state = mkdtempSync(join(tmpdir(), 'wsfd-state-'));
process.once('exit', () => {
  rmSync(state, { recursive: true });
});

const environment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !aboutColours.test(name))),
  TERM: 'xterm-256color',
  XDG_STATE_HOME: state,
  ...env,
});

/** Starts it with pipes. */
export function startCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
  return new RunningCommand(spawn(process.execPath, [program, ...args], { env: environment(env) }));
}

/** Runs it with this input, and waits for its end. */
export function runCommand(
  args: readonly string[],
  input: string | Uint8Array = '',
  env: NodeJS.ProcessEnv = {},
): Promise<CommandOutcome> {
  const command = startCommand(args, env);
  // A command that does not read its input may have ended before.
  command.child.stdin.on('error', () => undefined);
  command.child.stdin.end(input);
  return command.end();
}

/** Python's pty module gives the program a terminal and passes on what is typed. */
const inTerminal = `
import fcntl, os, pty, struct, sys, termios
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
import select
inputs = [0, terminal]
while terminal in inputs:
    for ready in select.select(inputs, [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:
            data = b''
        if not data:
            inputs.remove(ready)
        elif ready == 0:
            os.write(terminal, data)
        else:
            os.write(1, data)
status = os.waitpid(child, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

/**
 * Starts it in a pseudo-terminal: what it prints, on either stream, is in stdout. `launcher` is a
 * command that runs the one behind it.
 */
export function startInTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  columns = 80,
  launcher: readonly string[] = [],
): RunningCommand {
  const line = [...launcher, process.execPath, program, ...args];
  return new RunningCommand(
    spawn('python3', ['-c', inTerminal, String(columns), ...line], { env: environment(env) }),
  );
}
