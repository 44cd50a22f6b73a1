import { expect } from 'chai';
import { failed, id, incr, INCR, log, set, SET } from './judge-table.ts';
import { formatReport, judge } from './verdict.ts';

describe('report', () => {
  const history = [
    set(1),
    set(2, { status: 'pending' }),
    incr(3, failed('not-executed', { message: `lost ${id(3)} after 12 ms` })),
    incr(4, failed('not-executed', { message: `lost ${id(4)} after 7 ms` })),
    incr(5, { status: 'error', error: { name: 'ReplyError', message: 'ERR' } }),
  ];
  const servers = [
    { name: 'a', executed: log(SET(1), 'INCR other') },
    { name: 'b', executed: [] },
  ];

  it('counts by kind, status and error', () => {
    const report = judge({ history, servers });
    expect(report.byStatus).to.deep.equal({ ok: 1, error: 3, pending: 1 });
    expect(report.byKind).to.deep.equal({
      set: { ok: 1, error: 0, pending: 1 },
      incr: { ok: 0, error: 3, pending: 0 },
    });
    expect(report.executed).to.deep.equal({ a: 2, b: 0 });
    expect(report.errors).to.deep.equal({
      byCode: { GEO_AMBIGUOUS: 2, none: 1 },
      byOutcome: { 'not-executed': 2, none: 1 },
      byMessage: { 'GeoFailoverError: lost <op> after # ms': 2, 'ReplyError: ERR': 1 },
    });
  });

  it('is plain data', () => {
    const report = judge({ history, servers });
    expect(JSON.parse(JSON.stringify(report))).to.deep.equal(report);
  });

  it('is printed with the verdict first and up to ten examples per rule', () => {
    expect(formatReport(judge({ history: [set(1)], servers })).split('\n')[0]).to.equal('OK: no violation');
    const all = formatReport(judge({ history, servers })).split('\n');
    expect(all).to.include('operations   5 (ok 1, error 3, pending 1)');
    expect(all).to.include('errors byCode     GEO_AMBIGUOUS 2, none 1');
    const doubled = Array.from({ length: 12 }, (_, index) => incr(index + 1));
    const executed = log(...doubled.flatMap((_, index) => [INCR(index + 1), INCR(index + 1)]));
    const lines = formatReport(judge({ history: doubled, servers: [{ name: 'a', executed }] })).split('\n');
    expect(lines.slice(0, 2)).to.deep.equal(['VIOLATED: doubled 12', 'operations   12 (ok 12, error 0, pending 0)']);
    expect(lines).to.include('errors byCode     -');
    expect(lines.filter((line) => line.startsWith('  - '))).to.have.lengthOf(10);
    expect(lines).to.include(`  - ${id(1)} incr INCR incr:${id(1)}: executed 2x on a`);
    expect(lines.at(-1)).to.equal('  … and 2 more');
  });
});
