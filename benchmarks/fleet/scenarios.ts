import type { Preset } from '../../lib/index.ts';
import type { Outage } from './region.ts';

export interface Scenario {
  readonly variant: string;
  readonly outage: Outage;
  readonly outageSeconds: number;
  readonly preset: Preset;
  /** Of a failback; `undefined` for what the preset has. */
  readonly jitterMs: number | undefined;
  /** Whether checks keep the random part of their pauses. */
  readonly areChecksJittered: boolean;
}

type Variant = Pick<Scenario, 'variant' | 'jitterMs' | 'areChecksJittered'>;

const OF_THE_PRESET: Variant = { variant: 'jitter of the preset', jitterMs: undefined, areChecksJittered: true };

const VARIANTS: readonly Variant[] = [
  { variant: 'without jitter', jitterMs: 0, areChecksJittered: false },
  OF_THE_PRESET,
  { variant: 'jitterMs 30 000', jitterMs: 30_000, areChecksJittered: true },
];

export function scenariosOf(
  outages: readonly Outage[],
  outageSeconds: readonly number[],
  preset: Preset,
): readonly Scenario[] {
  return outages.flatMap((outage) =>
    outageSeconds.flatMap((seconds) => {
      // How a region went away makes no difference for the way back.
      const variants = outage === 'silent' && outages.length > 1 ? [OF_THE_PRESET] : VARIANTS;
      return variants.map((variant) => ({ ...variant, outage, outageSeconds: seconds, preset }));
    }),
  );
}

export function describeScenario({ outage, outageSeconds, variant }: Scenario): string {
  return `${outage} for ${outageSeconds} s, ${variant}`;
}
