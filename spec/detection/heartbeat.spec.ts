import { expect } from 'chai';
import { Heartbeat } from '../../lib/detection/heartbeat.ts';
import { FakeConnection } from '../dispatch/fake-connection.ts';

describe('The heartbeat of a connection that only listens', () => {
  let connection: FakeConnection;
  let heartbeat: Heartbeat;

  beforeEach(() => {
    connection = new FakeConnection('a');
    connection.isSubscribed = true;
    heartbeat = new Heartbeat();
    heartbeat.beat(connection);
  });

  it('asks for a sign of life when nothing was heard since the last time', () => {
    expect(heartbeat.beat(connection)).to.equal(true);
    expect(connection.written).to.deep.equal(['ping']);
  });

  it('begins to count with each connection', () => {
    expect(heartbeat.beat(new FakeConnection('b'))).to.equal(false);
    expect(heartbeat.beat(connection)).to.equal(false);
    expect(heartbeat.beat(connection)).to.equal(true);
  });

  it('does not mind that the connection is lost while it waits', async () => {
    heartbeat.beat(connection);
    connection.abandon();
    await new Promise((resolve) => setImmediate(resolve));
  });

  const reasons: readonly (readonly [name: string, change: (connection: FakeConnection) => void])[] = [
    ['something was heard', (it) => (it.bytesRead = 10)],
    ['a reply is awaited anyway', (it) => (it.queue = [{ command: {} as never }])],
    ['nothing is subscribed to', (it) => (it.isSubscribed = false)],
    ['it is not there', (it) => (it.isReady = false)],
  ];

  for (const [name, change] of reasons) {
    it(`asks nothing when ${name}`, () => {
      change(connection);

      expect(heartbeat.beat(connection)).to.equal(false);
      expect(connection.written).to.deep.equal([]);
    });
  }
});
