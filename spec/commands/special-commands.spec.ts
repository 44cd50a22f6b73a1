import { expect } from 'chai';
import { refusal, specialCommand } from '../../lib/commands/special-commands.ts';

const PUB_SUB = ['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'];
const REFUSED = ['monitor', 'hello', 'reset', 'sync', 'psync'];

function reasonOf(name: string): string {
  return refusal(name).message.replace(/^.*: /, '');
}

describe('A special command', () => {
  it('is SELECT, which is repeated on every endpoint', () => expect(specialCommand('select')).to.equal('select'));

  it('is QUIT, which closes the client', () => expect(specialCommand('quit')).to.equal('quit'));

  for (const name of REFUSED) {
    it(`is ${name.toUpperCase()}, which is refused for a reason`, () => {
      expect(specialCommand(name)).to.equal('refused');
      expect(reasonOf(name)).to.have.length.above(10);
      expect(reasonOf(name.toUpperCase())).to.equal(reasonOf(name));
    });
  }

  for (const name of ['watch', 'unwatch', 'multi', 'exec', 'discard']) {
    it(`is ${name.toUpperCase()}, which belongs to a transaction`, () => {
      expect(specialCommand(name)).to.equal('transaction');
    });
  }

  it('is recognized in any case, also when it was asked for before', () => {
    for (const name of ['SELECT', 'Select', 'sElEcT', 'SELECT']) expect(specialCommand(name)).to.equal('select');
    for (const name of ['MONITOR', 'Monitor', 'MONITOR']) expect(specialCommand(name)).to.equal('refused');
  });

  for (const name of ['get', 'SET', 'publish', 'constructor', 'unheard.of', '']) {
    it(`is not ${JSON.stringify(name)}`, () => {
      expect(specialCommand(name)).to.equal(null);
      expect(specialCommand(name)).to.equal(null);
    });
  }

  for (const name of PUB_SUB) {
    it(`is ${name.toUpperCase()}, which is followed`, () => expect(specialCommand(name)).to.equal('subscription'));
  }

  it('has a reason also for a name that it does not know', () => {
    expect(reasonOf('get')).to.equal('it is not supported');
  });

  // Last, because the names that it makes known stay known.
  it('is still recognized after callers chose more names than are remembered', () => {
    for (let i = 0; i < 3_000; i++) expect(specialCommand(`name-${i}`)).to.equal(null);

    expect(specialCommand('qUiT')).to.equal('quit');
    expect(specialCommand('name-2999')).to.equal(null);
    expect(specialCommand('RESET')).to.equal('refused');
  });
});
