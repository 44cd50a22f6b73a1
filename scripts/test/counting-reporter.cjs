const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const exitTimeoutMs = 10_000;

/** Mocha's own output, and for scripts/test.mjs what came of it, in the file that TEST_COUNTS_FILE names. */
class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      const failed = this.failures.map((test) => ({
        title: test.fullTitle(),
        stack: String(test.err?.stack ?? test.err),
      }));
      writeFileSync(
        process.env.TEST_COUNTS_FILE,
        JSON.stringify({ passed: passes, failed: failures, failures: failed }),
      );
      // Fires only if something else keeps the process alive. Ending it quietly would hide what was left open.
      setTimeout(() => {
        console.error(`Not ended ${exitTimeoutMs} ms after the last test: something was left open.`);
        console.error(process.getActiveResourcesInfo());
        // Mocha's own listener, which comes first, sets the number of failures.
        process.once('exit', () => {
          process.exitCode = 1;
        });
        process.exit();
      }, exitTimeoutMs).unref();
    });
  }
}

module.exports = CountingReporter;
