/** Between the client and its servers stands a proxy in these. */
export const NETWORK_PART_NAMES = ['spikes', 'all-cut', 'dropped-connection', 'refused-writes'] as const;

/** In these it swallows what was sent, so that nobody can know what was executed. */
export const SWALLOWING_PARTS: readonly PartName[] = ['all-cut', 'dropped-connection'];

export const PART_NAMES = [
  'healthy',
  'blocked-process',
  'blocked-loop',
  'stopped-process',
  'big-pipeline',
  'blocking-command',
  'big-reply',
  'blocked-server',
  ...NETWORK_PART_NAMES,
] as const;

export type PartName = (typeof PART_NAMES)[number];

export type NetworkPartName = (typeof NETWORK_PART_NAMES)[number];
