import type { GateAnswer } from './case-signal.ts';

/** The application's gate before a failback. */
export class CaseGate {
  answer: GateAnswer = 'allows';
  /** How long it takes. */
  ms = 0;

  async ask(): Promise<boolean> {
    if (this.ms > 0) await new Promise((resolve) => setTimeout(resolve, this.ms));
    if (this.answer === 'fails') throw new Error('The application does not know.');
    if (this.answer === 'does not answer') return new Promise(() => undefined);
    return this.answer === 'allows';
  }
}
