export const PART_NAMES = [
  'healthy',
  'blocked-process',
  'stopped-process',
  'big-pipeline',
  'blocking-command',
  'big-reply',
  'blocked-server',
] as const;

export type PartName = (typeof PART_NAMES)[number];
