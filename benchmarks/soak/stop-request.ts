/** What a subject asks of its parent, because nobody can continue himself. */
export interface StopRequest {
  readonly stopForMs: number;
}

export function isStopRequest(message: unknown): message is StopRequest {
  return typeof message === 'object' && message !== null && 'stopForMs' in message;
}

/** Resolves when this process runs again after having been stopped. */
export async function askToBeStopped(forMs: number): Promise<void> {
  process.send?.({ stopForMs: forMs } satisfies StopRequest);
  await new Promise<void>((resolve) => {
    process.once('SIGCONT', () => resolve());
  });
}
