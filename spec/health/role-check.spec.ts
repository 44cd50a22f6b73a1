import { expect } from 'chai';
import sinon from 'sinon';
import { GOOD } from '../../lib/health/check-result.ts';
import { RoleCheck } from '../../lib/health/role-check.ts';

describe('The check of the role', () => {
  let unknown: string[];
  let check: RoleCheck;

  beforeEach(() => {
    unknown = [];
    check = new RoleCheck((reason) => unknown.push(reason));
  });

  it('is good for a master', async () => {
    expect(await check.run({ role: () => Promise.resolve(['master', 0, []]) })).to.equal(GOOD);
  });

  for (const role of ['slave', 'replica']) {
    it(`is an answer that it refuses writes for a server that calls itself "${role}"`, async () => {
      const result = await check.run({ role: () => Promise.resolve([role, 'h', 6379, 'connected', 1]) });

      expect(result).to.deep.include({ ok: false, isAnswer: true });
      expect(result)
        .to.have.nested.property('error.message')
        .that.matches(/^READONLY /);
    });
  }

  it('is good for anything else that a server may call itself', async () => {
    for (const reply of [['sentinel', []], ['something new'], [], 'master', null, undefined, 5]) {
      expect(await check.run({ role: () => Promise.resolve(reply) })).to.equal(GOOD);
    }
  });

  it('is good for a client that cannot ask', async () => {
    expect(await check.run({})).to.equal(GOOD);
    expect(unknown).to.deep.equal([]);
  });

  describe('of a server that does not tell', () => {
    for (const message of [
      "ERR unknown command 'role', with args beginning with: ",
      'ERR unknown command `ROLE`',
      "NOPERM this user has no permissions to run the 'role' command",
      'ERR role is not allowed in this context',
      'ERR command is Not Allowed',
    ]) {
      it(`is good, and it is not asked again: ${message}`, async () => {
        const role = sinon.stub().rejects(new Error(message));

        for (let i = 0; i < 3; i++) expect(await check.run({ role })).to.equal(GOOD);

        sinon.assert.calledOnce(role);
        expect(unknown).to.deep.equal([message]);
      });
    }
  });

  describe('that fails for another reason', () => {
    for (const message of ['LOADING Redis is loading', 'Connection is closed.', 'NOAUTH Authentication required.']) {
      it(`leaves the judgement to PING, and asks again: ${message}`, async () => {
        const role = sinon.stub().rejects(new Error(message));
        role.onSecondCall().resolves(['slave']);

        expect(await check.run({ role })).to.equal(GOOD);
        expect(await check.run({ role })).to.deep.include({ ok: false });
        expect(unknown).to.deep.equal([]);
      });
    }
  });
});
