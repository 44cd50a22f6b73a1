import { SLOTS } from '../../commands/key-slot.ts';

/** By what a node says that it did not execute a command, and who will. */
export type Redirection =
  | { readonly kind: 'moved' | 'ask'; readonly slot: number; readonly host: string; readonly port: number }
  | { readonly kind: 'tryagain' };

/** Reads an error reply. Without a host, the other node is on the one that answered. */
export function readRedirection(message: string, answeredBy: { readonly host: string }): Redirection | undefined {
  const [word, slot, address] = message.split(' ');
  if (word === 'TRYAGAIN') return { kind: 'tryagain' };
  if ((word !== 'MOVED' && word !== 'ASK') || address === undefined) return undefined;
  const colon = address.lastIndexOf(':');
  const target = { slot: Number(slot), host: address.slice(0, colon) || answeredBy.host };
  const port = Number(address.slice(colon + 1));
  const isValid = Number.isInteger(target.slot) && target.slot >= 0 && target.slot < SLOTS && port > 0;
  return isValid ? { kind: word === 'MOVED' ? 'moved' : 'ask', ...target, port } : undefined;
}
