import { type Cell, printTable } from '../common/table.ts';
import type { FleetFigures, Movement } from './fleet-run.ts';
import { type Scenario, describeScenario } from './scenarios.ts';

export interface FleetResult {
  readonly scenario: Scenario;
  readonly figures: FleetFigures;
}

export function printFleet(results: readonly FleetResult[]): void {
  const rows = (movement: (figures: FleetFigures) => Movement, more: (figures: FleetFigures) => Cell[]): Cell[][] =>
    results.map(({ scenario, figures }) => {
      const { clients, firstSeconds, medianSeconds, lastSeconds, peakSwitches, peakConnections } = movement(figures);
      return [
        describeScenario(scenario),
        ...[clients, firstSeconds, medianSeconds, lastSeconds, peakSwitches, peakConnections],
        ...more(figures),
      ];
    });
  printTable(
    'Away: seconds from the beginning of the outage, and the busiest second of the surviving region',
    ['outage', 'moved', 'first', 'median', 'last', 'switches/s', 'connections/s'],
    rows(
      ({ moved }) => moved,
      () => [],
    ),
  );
  printTable(
    'Back: seconds from the end of the outage, and the busiest second of the region that returned',
    ['outage', 'back', 'first', 'median', 'last', 'switches/s', 'connections/s', 'surplus switches', 'turned away'],
    rows(
      ({ back }) => back,
      ({ surplus, turnedAway }) => [surplus, turnedAway],
    ),
  );
}
