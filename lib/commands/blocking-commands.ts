/** Commands whose reply may be long in coming although all is well. */
const BLOCKING = new Set([
  ...['blpop', 'brpop', 'brpoplpush', 'blmove', 'blmovem', 'bzpopmin', 'bzpopmax', 'bzmpop', 'blmpop'],
  ...['xread', 'xreadgroup', 'wait', 'waitaof'],
]);

export function isBlocking(name: string): boolean {
  return BLOCKING.has(name.toLowerCase());
}
