// Code that runs in a process or a worker thread of its own, with the package loaded: what can only
// be seen from outside (does it end by itself?) or would harm the test's process.
//
//   const { value } = await runInChild(({ wsfd }, url) => wsfd.webSocketOpen(url), server.url);
import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type * as Wsfd from 'wsfd';

export interface Inside {
  wsfd: typeof Wsfd;
  /** require(): a body has nothing of the file that it is written in. */
  load: (id: string) => unknown;
  /** What a synchronous call returned, and the codes of its errors. */
  outcome: (returned: number) => Outcome;
}

export type Outcome = [returned: number, ...codes: string[]];

export interface ChildResult<Value> {
  /** What the body returned; undefined when the process ended before. */
  value: Value | undefined;
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

export interface ChildOptions {
  /** Limit on open files (a POSIX shell's ulimit -n). */
  maxFiles?: number;
  /** Flags of Node.js. */
  execArgv?: readonly string[];
  /** Set in its environment beside what this process has; undefined: unset. */
  env?: NodeJS.ProcessEnv;
  /** A command that runs the one that follows its parameters, and becomes it. */
  launcher?: readonly string[];
  /** True: the process may end in any way, and the test looks at exitCode and signal. */
  endsAnyhow?: boolean;
}

/** A program's text that makes `inside`, what a body is given. */
const insideSource = (): string => `
  const wsfd = require(${JSON.stringify(require.resolve('wsfd'))});
  const outcome = (returned) => [returned, ...wsfd.getLastError().map(({ code }) => code)];
  const inside = { wsfd, load: require, outcome };`;

/**
 * Runs `body` in a new process and resolves once that has ended by itself: nothing ends it. Rejects
 * if it ended by a signal or with another exit code than 0. The body's text is what runs, so it may
 * use its parameters only; argument and result go as JSON.
 */
export function runInChild<Argument, Value>(
  body: (inside: Inside, argument: Argument) => Value | Promise<Value>,
  argument: Argument,
  options: ChildOptions = {},
): Promise<ChildResult<Value>> {
  const code = `${insideSource()}
    Promise.resolve((${body.toString()})(inside, ${JSON.stringify(argument)})).then((value) =>
      require('node:fs').writeSync(1, JSON.stringify({ value })));`;
  const node = [process.execPath, ...(options.execArgv ?? []), '-e', code];
  const limited =
    options.maxFiles === undefined
      ? node
      : ['/bin/sh', '-c', `ulimit -n ${options.maxFiles}; exec "$@"`, 'sh', ...node];
  const [command = '', ...parameters] = [...(options.launcher ?? []), ...limited];
  const env = { ...process.env, ...options.env };
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      // LeakSanitizer itself may crash (scripts/sanitize.mjs), which says nothing of the process.
      const own = stderr.replace(
        /^(Tracer caught signal|==\d+==(LeakSanitizer has|HINT)).*\n/gm,
        '',
      );
      const isJudged = own === stderr;
      if (exitCode !== 0 && isJudged && options.endsAnyhow !== true) {
        reject(new Error(`the process ended with ${String(signal ?? exitCode)}: ${stderr}`));
        return;
      }
      const result = (stdout === '' ? {} : JSON.parse(stdout)) as { value?: Value };
      resolve({ value: result.value, exitCode, signal, stderr: own });
    });
  });
}

/**
 * Starts `body` in a new worker thread; it talks through `port`, the worker's parentPort. Its text
 * is what runs, as with runInChild.
 */
export function startWorker<Argument>(
  body: (inside: Inside, argument: Argument, port: MessagePort) => unknown,
  argument: Argument,
): Worker {
  const code = `${insideSource()}
    const { parentPort, workerData } = require('node:worker_threads');
    (${body.toString()})(inside, workerData, parentPort);`;
  return new Worker(code, { eval: true, workerData: argument });
}

/** The text of a worker thread that gives its workerData to `body` and posts what comes of it. */
export const threadSource = (
  body: (inside: Inside, argument: never) => unknown,
): string => `${insideSource()}
    const { parentPort, workerData } = require('node:worker_threads');
    Promise.resolve((${body.toString()})(inside, workerData)).then((value) =>
      parentPort.postMessage(value));`;

/**
 * Runs `body` in a new worker thread, so that it may block it while the servers of the test's own
 * thread go on. Its text is what runs, as with runInChild.
 */
export function runInThread<Argument, Value>(
  body: (inside: Inside, argument: Argument) => Value | Promise<Value>,
  argument: Argument,
): Promise<Value> {
  const worker = new Worker(threadSource(body), { eval: true, workerData: argument });
  return new Promise((resolve, reject) => {
    let result: { value: Value } | undefined;
    worker.once('message', (value: Value) => (result = { value }));
    worker.once('error', reject);
    worker.once('exit', (exitCode) => {
      if (result === undefined) reject(new Error(`the thread ended with ${exitCode}`));
      else resolve(result.value);
    });
  });
}
