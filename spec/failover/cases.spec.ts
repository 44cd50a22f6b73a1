import { expect } from 'chai';
import type sinon from 'sinon';
import { fakeSystemTime } from '../support/fake-clock.ts';
import { type CaseStep, type FailoverCase, allCases, readCases } from './case-runner/case-file.ts';
import { ControllerStage } from './case-runner/controller-stage.ts';

/** A step as it was, or as it has to be. */
interface StepRecord {
  readonly at: string;
  readonly signals: readonly string[];
  readonly active: string;
  readonly events: readonly string[];
  readonly rejected: readonly string[];
  readonly commands: readonly string[] | undefined;
  readonly state: CaseStep['state'];
}

describe('The rules of failover and failback', () => {
  let time: sinon.SinonFakeTimers;

  beforeEach(() => {
    time = fakeSystemTime();
  });

  afterEach(() => {
    time.restore();
  });

  const files = allCases();

  for (const { subject, cases } of files) {
    describe(subject, () => {
      for (const each of cases) it(each.title, () => run(each));
    });
  }

  /** Everything has to happen that a step names, and nothing else. */
  async function run(given: FailoverCase): Promise<void> {
    const stage = new ControllerStage(given);
    const expected: StepRecord[] = [];
    const happened: StepRecord[] = [];
    let active = stage.activeEndpointId;
    let at = 0;
    for (const step of given.steps) {
      at = step.at ?? at;
      await time.tickAsync(at - time.now);
      for (const { signal } of step.signal ?? []) {
        stage.tell(signal);
        await time.tickAsync(0);
      }
      active = step.active ?? active;
      const what = { at: `${at}ms`, signals: step.signal?.map(({ text }) => text) ?? [] };
      const { events = [], rejected = [], commands, state } = step;
      expected.push({ ...what, active, events, rejected, commands, state });
      const now = stage.take();
      happened.push({
        ...what,
        active: stage.activeEndpointId,
        events: now.events,
        rejected: now.rejected,
        commands: commands && now.commands,
        state: state && stage.stateLike(state),
      });
    }
    stage.close();
    expect(happened).to.deep.equal(expected);
  }

  it('are at least a hundred cases, each of which says something else', () => {
    const titles = files.flatMap(({ cases }) => cases.map(({ title }) => title));
    expect(titles.length).to.be.at.least(100);
    expect(new Set(titles).size).to.equal(titles.length);
  });

  describe('in a file', () => {
    const withStep = (step: string): string =>
      `subject: A\ncases:\n  - title: It works.\n    steps:\n      - ${step}\n`;

    it('are read', () => {
      expect(readCases(withStep('{ at: 1.5s, signal: eu comes up }')).cases[0]?.steps[0]).to.include({ at: 1_500 });
    });

    const mistakes: readonly (readonly [what: string, text: string, message: RegExp])[] = [
      ['a key that nobody looks at', withStep('{ at: 1s, event: failback us > eu }'), /Unrecognized key: "event"/],
      ['a signal that nobody understands', withStep('{ signal: eu explodes }'), /"eu explodes" is no signal/],
      ['a time without a unit', withStep('{ at: "10" }'), /"10" is no duration/],
      ['a state that nobody knows', withStep('{ state: { eu: { helth: healthy } } }'), /Unrecognized key: "helth"/],
      ['a title that is no sentence', withStep('{ at: 1s }').replace('works.', 'works'), /must be a sentence/],
      ['steps in disorder', withStep('{ at: 2s }\n      - { at: 1s }'), /not in the order of their times/],
    ];

    for (const [what, text, message] of mistakes) {
      it(`are refused with ${what}`, () => {
        expect(() => readCases(text)).to.throw(message);
      });
    }
  });
});
