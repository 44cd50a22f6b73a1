/** What a subject asks of its parent, because nobody can continue himself. The parent answers when it is over. */
export interface StopRequest {
  readonly stopForMs: number;
}

export function isStopRequest(message: unknown): message is StopRequest {
  return typeof message === 'object' && message !== null && 'stopForMs' in message;
}

/** Resolves when this process runs again after having been stopped. */
export async function askToBeStopped(forMs: number): Promise<void> {
  // Not by SIGCONT: the stop can come before a listener for it is there.
  const isOver = new Promise<void>((resolve) => {
    process.once('message', () => resolve());
  });
  process.send?.({ stopForMs: forMs } satisfies StopRequest);
  await isOver;
}
