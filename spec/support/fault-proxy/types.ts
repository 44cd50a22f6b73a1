export interface ConnectionInfo {
  readonly id: number;
  /** The client's own port, its `localPort`. */
  readonly clientPort: number;
  /** By Date.now(). */
  readonly openedAt: number;
  readonly bytesFromClient: number;
  readonly bytesFromServer: number;
  /** The client has ended (FIN), closed or reset its side. */
  readonly clientGone: boolean;
  /** The client has reset the connection (RST). */
  readonly clientReset: boolean;
  readonly blackholed: boolean;
  readonly heldRequestBytes: number;
  readonly heldReplyBytes: number;
}

export interface FaultCounters {
  /** Connections accepted from clients. */
  accepted: number;
  /** Connections to the target that were refused or failed before they were open. */
  targetFailures: number;
  /** Bytes held for a client that reset or ended its connection meanwhile: they were thrown away. */
  heldRequestBytesDropped: number;
  heldReplyBytesDropped: number;
  /** Bytes that were held and went on when the fault was healed. */
  heldBytesForwarded: number;
  /** Requests answered by replyWithErrors(). */
  errorReplies: number;
  /** Replies of which a part was passed on, see cutReply(). */
  cutReplies: number;
}

export type Direction = 'both' | 'toServer' | 'toClient';

export interface Delays {
  readonly toServer: number;
  readonly toClient: number;
}

/** Now and then something takes longer, and what is behind it has to wait. */
export interface Spikes {
  /** How much of what arrives, from 0 to 1. */
  readonly share: number;
  readonly ms: number;
}

/** How fast bytes travel, and how many of them. */
export interface Pace {
  readonly delays: Delays;
  /** Of replies. */
  readonly spikes: Spikes;
  /** Between one byte and the next; 0 for no such limit. */
  readonly drip: Delays;
  /** How many bytes of the server a connection passes on; what is beyond that is held. */
  readonly replyBytes: number;
}

export interface FaultProxyOptions {
  readonly targetPort: number;
  readonly targetHost?: string;
  /** A permanent latency, added to every round trip (half of it in each direction); heal() leaves it alone. */
  readonly latencyMs?: number;
  /** What sawRequestBytes() shall recognise in the bytes that clients send. */
  readonly tokens?: RegExp;
  /** Sees all bytes that clients send, at the moment of their arrival at the proxy. */
  readonly onRequest?: (bytes: Buffer, connection: ConnectionInfo) => void;
  /**
   * What becomes of held bytes whose client ended its connection in an orderly way (FIN). "drop" (default) takes
   * it for gone. "deliver" does what a network would: the kernel of a client that did not RESET its connection
   * goes on sending, so the bytes still arrive after the fault.
   */
  readonly endedClients?: 'drop' | 'deliver';
}

export interface ConnectionFaults {
  readonly blackholed: boolean;
  readonly repliesSwallowed: boolean;
}

/** Which faults are in place for the whole proxy, and what they hold right now. */
export interface FaultState {
  readonly listening: boolean;
  readonly blackhole: boolean;
  readonly repliesSwallowed: boolean;
  readonly replyingWithErrors: boolean;
  readonly delays: Delays;
  readonly spikes: Spikes;
  readonly drip: Delays;
  readonly heldRequestBytes: number;
  readonly heldReplyBytes: number;
}
