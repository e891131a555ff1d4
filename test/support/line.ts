// A line between two machines that can be cut: two network namespaces with a pair of veth devices
// between them. What is cut loses every packet and tells nobody.
//
//   if (linePossible) …
//   const line = await startLine(t);
//   const port = await line.startEcho();
//   await runInChild(…, { launcher: line.near });     // connects to farAddress
//
// A child on the near side cuts the line itself, by running line.cut.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { namespacesPossible } from './namespaces';
import { programEnvironment } from './programs';

const nearAddress = '10.77.0.1';
export const farAddress = '10.77.0.2';

const makeNamespace = ['unshare', '--user', '--map-root-user', '--net'];

export const linePossible = namespacesPossible([
  ...makeNamespace,
  'sh',
  '-c',
  `ip link add name line0 type veth peer name line1 && iptables -A OUTPUT -j DROP &&
   echo 5 > /proc/sys/net/ipv4/tcp_retries2 && nsenter --version && node --version`,
]);

export interface Line {
  /** A command that runs the one behind it on the near side. */
  readonly near: string[];
  /** Commands for the near side: to lose all packets both ways, and to lose no more. */
  readonly cut: string[];
  readonly mend: string[];
  /** Starts a WebSocket server that echoes on the far side; its URL. */
  startEcho(): Promise<string>;
}

/** A process that lives until this one lets go of its standard input. */
async function start(t: TestContext, command: readonly string[]): Promise<[ChildProcess, string]> {
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: programEnvironment(),
  });
  t.after(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return [child, said.toString().trim()];
}

function run(command: readonly string[]): void {
  const [program = '', ...parameters] = command;
  const { status, stderr } = spawnSync(program, parameters, { env: programEnvironment() });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr.toString()}`);
}

const holder = ['sh', '-c', 'echo ready; exec cat'];

const echoServer = `
  const { WebSocketServer } = require(${JSON.stringify(require.resolve('ws'))});
  const server = new WebSocketServer({ host: '${farAddress}', port: 0 });
  server.on('listening', () => console.log(server.address().port));
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });`;

/** `retries`: how often the near side sends a segment again before TCP gives the peer up. */
export async function startLine(t: TestContext, retries = 15): Promise<Line> {
  const enter = ({ pid = 0 }: ChildProcess): string[] =>
    ['nsenter', '--preserve-credentials', '--user', '--net', '--target'].concat(`${pid}`);
  const [nearHolder] = await start(t, [...makeNamespace, ...holder]);
  const near = enter(nearHolder);
  const [farHolder] = await start(t, [...near, 'unshare', '--net', ...holder]);
  const far = enter(farHolder);
  run([...near, 'ip', 'link', 'add', 'name', 'line0', 'type', 'veth', 'peer', 'name', 'line1']);
  run([...near, 'ip', 'link', 'set', 'line1', 'netns', `${farHolder.pid ?? 0}`]);
  for (const [side, device, address] of [
    [near, 'line0', nearAddress],
    [far, 'line1', farAddress],
  ] as const) {
    run([...side, 'ip', 'address', 'add', `${address}/24`, 'dev', device]);
    run([...side, 'ip', 'link', 'set', device, 'up']);
  }
  for (const name of ['tcp_retries2', 'tcp_syn_retries']) {
    run([...near, 'sh', '-c', `echo ${retries} > /proc/sys/net/ipv4/${name}`]);
  }
  // They are run by a Node whose addon may be sanitized: see programEnvironment().
  const rules = (action: string): string[] => [
    'env',
    '--unset=LD_PRELOAD',
    'sh',
    '-c',
    `for chain in INPUT OUTPUT; do iptables ${action} $chain -j DROP; done`,
  ];
  return {
    near,
    cut: rules('-I'),
    mend: rules('-D'),
    startEcho: async () => {
      const [, port] = await start(t, [...far, process.execPath, '-e', echoServer]);
      return `ws://${farAddress}:${port}/`;
    },
  };
}
