import dns from 'node:dns';
import { expect } from 'chai';
import sinon from 'sinon';
import { sharedLookup } from '../../lib/ioredis-internals/shared-lookup.ts';

type Callback = (error: Error | null, address?: unknown, family?: number) => void;

describe('The lookup of names', () => {
  let questions: { readonly name: string; readonly answer: Callback }[];
  let answers: unknown[][];
  let lookup: sinon.SinonStub;

  beforeEach(() => {
    questions = [];
    answers = [];
    lookup = sinon.stub(dns, 'lookup').callsFake(((name: string, _options: object, answer: Callback) => {
      questions.push({ name, answer });
    }) as unknown as typeof dns.lookup);
  });

  afterEach(() => {
    // What is open would be joined by the next test.
    for (const { answer } of questions) answer(new Error('over'));
    lookup.restore();
  });

  function ask(name: string, options: object = { family: 0, all: true }): void {
    sharedLookup(name, options, (...answer) => answers.push(answer));
  }

  it('asks once for all who want to know at the same time', () => {
    for (let i = 0; i < 20; i++) ask('east');
    expect(questions).to.have.length(1);
    questions[0]?.answer(null, '10.0.0.1', 4);

    expect(answers).to.deep.equal(Array.from({ length: 20 }, () => [null, '10.0.0.1', 4]));
  });

  it('asks anew once there is an answer, good or bad', () => {
    ask('east');
    questions[0]?.answer(new Error('ENOTFOUND'));
    ask('east');
    questions[1]?.answer(null, '10.0.0.2', 4);
    ask('east');

    expect(questions).to.have.length(3);
    expect(answers[1]).to.deep.equal([null, '10.0.0.2', 4]);
  });

  it('keeps different questions apart', () => {
    ask('east');
    ask('west');
    ask('east', { family: 6, all: true });

    expect(questions.map(({ name }) => name)).to.deep.equal(['east', 'west', 'east']);
  });

  it('lets a callback ask again', () => {
    sharedLookup('east', {}, () => ask('east', {}));
    questions[0]?.answer(null, '10.0.0.1', 4);

    expect(questions).to.have.length(2);
  });

  it('goes on after a question that Node refuses', () => {
    lookup.restore();
    expect(() => ask('127.0.0.1', { family: 5 })).to.throw();
    expect(() => ask('127.0.0.1', { family: 5 })).to.throw();
  });
});
