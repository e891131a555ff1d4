// What the processes and threads of a run say to each other.
import type { Outcome } from './model/judge';
import type { ServerReport } from './model/ledger';

/** Where a server process listens; 0: it has no such server. */
export interface Ports {
  readonly plain: number;
  readonly tls: number;
  /** Wants a client certificate. */
  readonly certificate: number;
  /** Shows a certificate that is not in order, by SNI. */
  readonly strange: number;
  readonly proxy: number;
}

export type AllPorts = Readonly<Record<'uws' | 'node' | 'fragile', Ports>>;

/** PEM files of the servers. */
export interface ServerFiles {
  readonly key: string;
  readonly certificate: string;
  /** PEM texts: whose client certificates are taken. */
  readonly clientRoot: string;
  /** Certificates that are not in order, by the name that the client asks for. */
  readonly strange: Readonly<Record<string, { readonly cert: string; readonly key: string }>>;
}

/** To a server process. */
export type ToServer =
  | { readonly type: 'start'; readonly files: ServerFiles }
  | { readonly type: 'pace'; readonly pace: number };

/** From a server process. */
export type FromServer =
  | { readonly type: 'listening'; readonly ports: Ports }
  | {
      readonly type: 'state';
      readonly reports: ServerReport[];
      /** Connections that are open. */
      readonly open: number;
    };

/** What the client needs of the certificates; all PEM. */
export interface ClientFiles {
  readonly root: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** What a worker thread is started with. */
export interface WorkerSettings {
  readonly seed: number;
  readonly name: string;
  readonly actors: number;
  readonly ports: AllPorts;
  readonly files: ClientFiles;
  /** One number in shared memory, with which every pause is multiplied. */
  readonly pace: Float64Array;
}

/** How a worker thread ends; 'terminate' is done to it. */
export const workerEnds = ['finish', 'terminate', 'exit', 'exception'] as const;
export type WorkerEnd = (typeof workerEnds)[number];

export type ToWorker =
  | { readonly type: 'ports'; readonly ports: AllPorts }
  | { readonly type: 'end'; readonly how: WorkerEnd };

/** From a worker thread: what became of a plan. */
export interface FromWorker {
  readonly outcome: Outcome;
}
