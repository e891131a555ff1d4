// What a TLS server sees of its clients: who completed a handshake, and who did not.
import type { Server } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { Arrivals } from './arrivals';

export interface TlsHandshake {
  /** The SNI name; undefined when the client sent none. */
  readonly serverName: string | undefined;
  /** 'TLSv1.2', 'TLSv1.3' */
  readonly protocol: string | null;
  /** Undefined when the client showed none. */
  readonly clientCertificate: PeerCertificate | undefined;
  /** True when a session of an earlier connection was resumed. */
  readonly resumed: boolean;
  readonly socket: TLSSocket;
}

export interface TlsRecord {
  /** Completed handshakes. */
  readonly handshakes: Arrivals<TlsHandshake>;
  /** Handshakes that failed: OpenSSL's code, such as ERR_SSL_TLSV1_ALERT_UNKNOWN_CA. */
  readonly failures: Arrivals<{ code: string; message: string }>;
}

/** Records from now on what happens at `server`, a tls or https server. */
export function recordTls(server: Server | undefined): TlsRecord {
  const record: TlsRecord = {
    handshakes: new Arrivals('TLS handshake'),
    failures: new Arrivals('TLS handshake that failed'),
  };
  server?.on('secureConnection', (socket: TLSSocket) => {
    const certificate = socket.getPeerCertificate();
    // Node answers `false` for a client that named no server; older types do not say so.
    const serverName = (socket as { servername?: string | false }).servername;
    record.handshakes.push({
      serverName: serverName === false ? undefined : serverName,
      protocol: socket.getProtocol(),
      clientCertificate: Object.keys(certificate).length === 0 ? undefined : certificate,
      resumed: socket.isSessionReused(),
      socket,
    });
  });
  server?.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    record.failures.push({ code: error.code ?? '', message: error.message });
  });
  return record;
}
