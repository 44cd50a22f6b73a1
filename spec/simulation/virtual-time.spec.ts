import { Redis } from 'ioredis';
import { expect } from 'chai';
import { type Random, seededRandom } from '../support/checker/random.ts';
import { ModelServer } from './model-server.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { VirtualTime } from './virtual-time.ts';
import { warmUp } from './warm-up.ts';

describe('Virtual time', () => {
  let time: VirtualTime;
  let told: string[];
  let beginning: number;
  const tell = (what: string) => (): void => void told.push(`${what} ${Math.round(time.now - beginning)}`);

  before(warmUp);

  beforeEach(() => {
    time = new VirtualTime();
    beginning = time.now;
    told = [];
  });

  afterEach(() => time.end());

  it('passes from one timer to the next, whoever set it', async () => {
    setTimeout(tell('process'), 20);
    time.world.after(10.5, tell('world'));
    setTimeout(tell('process'), 5);
    clearTimeout(setTimeout(tell('cleared'), 7));
    await time.run(100);

    expect(told).to.deep.equal(['process 5', 'world 11', 'process 20']);
    expect(time.timers).to.equal(0);
  });

  it('repeats intervals until they are cleared', async () => {
    const interval = setInterval(tell('interval'), 10);
    setTimeout(() => clearInterval(interval), 35);
    await time.run(100);

    expect(told).to.deep.equal(['interval 10', 'interval 20', 'interval 30']);
  });

  it('is what clocks show', async () => {
    const before = [performance.now(), Date.now(), new Date().getTime()];
    await time.run(40);

    expect([performance.now(), Date.now(), new Date().getTime()]).to.deep.equal(before.map((ms) => ms + 40));
  });

  it('goes on for the world while the process is stopped, whose timers come late', async () => {
    setTimeout(tell('process'), 20);
    time.world.after(30, tell('world'));
    time.stopProcess(50);
    await time.run(100);

    expect(told).to.deep.equal(['world 30', 'process 50']);
    expect(time.stoppedMs).to.equal(50);
  });

  describe('with a network, when the process is stopped', () => {
    let server: ModelServer;
    let network: SimulatedNetwork;
    let client: Redis;
    let random: Random;

    beforeEach(async () => {
      random = seededRandom(1);
      server = new ModelServer('server', { timers: time.world });
      const isProcessStopped = (): boolean => time.isStopped;
      network = new SimulatedNetwork({ random: () => random(), timers: time.world, isProcessStopped });
      time.onResumed = () => network.resume();
      client = new Redis({ Connector: network.connectorTo(server), retryStrategy: () => null });
      client.on('error', () => undefined);
      expect(await time.runUntil(() => client.status === 'ready', 1_000)).to.equal(true);
      beginning = time.now;
    });

    it('has it hear of replies behind its timers, and before its immediates', async () => {
      setTimeout(() => setImmediate(tell('immediate')), 30);
      setTimeout(tell('timer'), 40);
      void client.get('key').then(tell('reply'));
      time.stopProcess(50);
      await time.run(100);
      client.disconnect();
      await time.run(100);

      expect(told).to.deep.equal(['timer 50', 'reply 50', 'immediate 50']);
    });

    it('brings nothing over a connection that was reset meanwhile, though the way is open again', async () => {
      // What is on its way when a connection ends is not dropped.
      random = () => 0.9;
      time.world.after(10, () => network.setPath(server, 'refused'));
      time.world.after(20, () => network.setPath(server, 'open'));
      setTimeout(() => void client.set('key', 'value').catch(() => told.push('failed')), 30);
      time.stopProcess(50);
      await time.run(100);

      expect(told).to.deep.equal(['failed']);
      expect(server.data.executed).to.deep.equal([]);
    });

    it('has it hear of the end of what it had closed', async () => {
      client.on('end', tell('end'));
      time.world.after(5, () => server.kill());
      client.stream.destroy();
      time.stopProcess(50);
      await time.run(100);

      expect(told).to.deep.equal(['end 50']);
      expect(network.openSockets).to.equal(0);
    });
  });
});
