import { readFileSync } from 'node:fs'

// Prints the counts of vitest's own report as the last line. CI may skip nothing: a skip there is a failure.
const [file] = process.argv.slice(2)
const report = JSON.parse(readFileSync(file, 'utf8'))
const passed = report.numPassedTests
const failed = report.numFailedTests
const skipped = report.numPendingTests + report.numTodoTests
for (const suite of report.testResults)
  for (const test of suite.assertionResults)
    if (test.status !== 'passed') console.log(`${test.status}: ${test.fullName}`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
const broken = report.testResults.some(suite => suite.status === 'failed')
process.exit(failed > 0 || broken || passed === 0 || (process.env.CI && skipped > 0) ? 1 : 0)
