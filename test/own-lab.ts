/** Preloaded by `./check`: each worker of the test runner has a lab of its own. */
process.env['TIMEBALL_LAB'] ??= process.env['NODE_TEST_WORKER_ID'] ?? '1'
