const LINE_FEED = 0x0a;

/** Somewhere within a line of a reply, by a number in [0, 1). */
export function cutPoint(bytes: Buffer, part: number): number {
  const point = 1 + Math.floor(part * (bytes.length - 1));
  return bytes[point - 1] === LINE_FEED ? point - 1 : point;
}
