import type { FaultyEndpoint } from '../../../spec/support/faults.ts';
import type { GeoPair } from '../../../spec/support/geo-pair.ts';
import type { LastingKind, PlannedFault } from '../schedule.ts';
import type { SubjectProcess } from '../subject-process.ts';
import { FaultLog } from './fault-log.ts';
import { LASTING_FAULTS } from './lasting-faults.ts';
import { Locks } from './locks.ts';

/** A fault that was made, and what is known of it. */
export interface Made {
  readonly isConfirmed: boolean;
  readonly note?: string;
}

/** Where faults are made: two endpoints and the process of the client. */
export class Stage {
  readonly pair: GeoPair;
  readonly subject: SubjectProcess;
  readonly log = new FaultLog();
  readonly #locks = new Locks();

  constructor(pair: GeoPair, subject: SubjectProcess) {
    this.pair = pair;
    this.subject = subject;
  }

  endpoint(target: PlannedFault['target']): FaultyEndpoint {
    const isEastActive = this.subject.activeEndpoint === this.pair.east.id;
    return isEastActive === (target === 'active') ? this.pair.east : this.pair.west;
  }

  other(endpoint: FaultyEndpoint): FaultyEndpoint {
    return endpoint === this.pair.east ? this.pair.west : this.pair.east;
  }

  /** Makes a fault, looks whether it is there, does something meanwhile, and lifts it. */
  during(
    kind: LastingKind,
    endpoint: FaultyEndpoint,
    body: (isInPlace: boolean) => Promise<unknown>,
    onApplied?: () => void,
  ): Promise<void> {
    const { resource, apply, isInPlace, lift } = LASTING_FAULTS[kind];
    return this.#locks.with(`${endpoint.id} ${resource}`, async () => {
      try {
        await apply(endpoint);
        onApplied?.();
        await body(await isInPlace(endpoint));
      } finally {
        await lift(endpoint);
      }
    });
  }
}
