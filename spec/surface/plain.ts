/** What an application can tell of a value: errors by what is read of them, functions by their kind. */
export function plain(value: unknown): unknown {
  if (value instanceof Error) {
    const { name, message, command, previousErrors } = value as Error & Record<'command' | 'previousErrors', unknown>;
    return { name, message, command: plain(command), previousErrors: plain(previousErrors) };
  }
  if (Buffer.isBuffer(value)) return { buffer: value.toString('latin1') };
  if (typeof value === 'function') return `function of ${value.length}`;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return { map: plain([...value]) };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

/** How each of these ended. */
export async function settled(promises: readonly unknown[]): Promise<unknown[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) =>
    result.status === 'fulfilled' ? { reply: result.value } : { error: result.reason as unknown },
  );
}

/** What a callback was called with. */
export function called(start: (callback: (...reply: unknown[]) => void) => unknown): Promise<unknown[]> {
  return new Promise((resolve) => start((...reply) => resolve(reply)));
}

/** What a function gave back, by kind. */
export function kindOf(value: unknown, self?: unknown): string {
  if (value === self && self !== undefined) return 'itself';
  if (value instanceof Promise) return value.constructor === Promise ? 'promise' : 'promise of another class';
  if (value === null || typeof value !== 'object') return value === undefined ? 'nothing' : typeof value;
  return value.constructor.name;
}
