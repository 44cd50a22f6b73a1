/** How many slots the keys of a Cluster are spread over. */
export const SLOTS = 16_384;

const POLYNOMIAL = 0x1021;

/** CRC16 as XMODEM has it, by byte. */
const TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc & 0xffff;
});

/** The slot that a key belongs to. Of a key with a `{tag}` only that counts, so that keys can be kept together. */
export function keySlot(key: string | Buffer): number {
  const bytes = hashed(typeof key === 'string' ? Buffer.from(key) : key);
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (TABLE[((crc >> 8) ^ byte) & 0xff] ?? 0);
  return crc % SLOTS;
}

function hashed(key: Buffer): Buffer {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  return close > open + 1 ? key.subarray(open + 1, close) : key;
}
