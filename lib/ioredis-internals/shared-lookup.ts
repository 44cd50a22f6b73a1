import dns, { type LookupAddress, type LookupOptions } from 'node:dns';

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Whoever waits for an answer, by what was asked. */
const pending = new Map<string, Answer[]>();

/**
 * Resolves a name as Node does, anew at every connect; but who asks what is being found out already gets that answer.
 *
 * Each of Node's lookups takes one of its four threads until it is answered. When the name servers of one region are gone that
 * takes ten seconds and more, so that a client which tries again would soon have all of them, and no other name could be
 * resolved, nor a file be read.
 */
export function sharedLookup(hostname: string, options: LookupOptions, answer: Answer): void {
  const key = JSON.stringify([hostname, options]);
  const waiting = pending.get(key);
  if (waiting !== undefined) {
    waiting.push(answer);
    return;
  }
  const answers = [answer];
  pending.set(key, answers);
  try {
    dns.lookup(hostname, options, (error: NodeJS.ErrnoException | null, address, family) => {
      pending.delete(key);
      for (const tell of answers) tell(error, address, family);
    });
  } catch (error) {
    pending.delete(key);
    throw error;
  }
}
