import type { ErrorRule } from './resp-relay.ts';
import type { FaultCounters, Pace } from './types.ts';

/** What a proxied connection knows of its proxy. */
export interface ConnectionContext {
  readonly id: number;
  readonly target: { readonly host: string; readonly port: number };
  readonly counters: FaultCounters;
  readonly dropEnded: boolean;
  pace(): Pace;
  rule(): ErrorRule | undefined;
  /** Whether, and where, the next reply is to be cut; asked once for each. */
  takeCut(): number | undefined;
  onRequest(bytes: Buffer): void;
  /** Something that infos or counters tell has changed. */
  onChange(): void;
}
