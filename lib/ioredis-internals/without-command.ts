/**
 * An error that can be shown to anybody. ioredis adds the command to the error by which a server replied, with its
 * arguments: those of AUTH and HELLO are secrets.
 */
export function withoutCommand(error: Error): Error {
  if (!('command' in error)) return error;
  const { name, message, stack } = error;
  const copy = new Error(message);
  // As in ioredis's own errors these are no enumerable properties.
  Object.defineProperty(copy, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(copy, 'stack', { value: stack, configurable: true, writable: true });
  return copy;
}
