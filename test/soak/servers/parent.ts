// A server process and the process that started it.
import type { ServerReport } from '../model/ledger';
import type { FromServer, Ports, ServerFiles, ToServer } from '../protocol';

let reports: ServerReport[] = [];

/** A parent that is gone hears nothing, which is no fault of this process. */
const say = (message: FromServer): void =>
  void process.send?.(message, undefined, undefined, () => undefined);

/** Tells what became of a connection, with the next ones. */
export function report(one: ServerReport): void {
  reports.push(one);
}

interface Server {
  /** Listens everywhere; the result says where. */
  readonly start: (files: ServerFiles) => Promise<Ports>;
  readonly setPace: (pace: number) => void;
  /** Connections that are open. */
  readonly open: () => number;
}

/** Serves until the parent lets go or is gone. */
export function serveParent({ start, setPace, open }: Server): void {
  // Ctrl-C goes to every process of the terminal; the parent ends this one when it is done with it.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => process.exit(0));
  process.on('message', (message: ToServer) => {
    if (message.type === 'pace') setPace(message.pace);
    else void start(message.files).then((ports) => say({ type: 'listening', ports }));
  });
  setInterval(() => {
    say({ type: 'state', reports, open: open() });
    reports = [];
  }, 500);
}
