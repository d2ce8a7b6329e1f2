import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

// Reads vitest's JSON reports. Prints the slowest test files, and the counts in the last line. In CI, a
// skipped test fails the run.
const SLOWEST = 10
const EMPTY = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
const reports = process.argv.slice(2).map(file => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    // Count a missing report as a run in which no test passed, which fails below.
    console.log(`no report: ${file} (${error.code ?? error.message})`)
    return EMPTY
  }
})
const sum = count => reports.reduce((total, report) => total + count(report), 0)
const passed = sum(report => report.numPassedTests)
const failed = sum(report => report.numFailedTests)
const skipped = sum(report => report.numPendingTests + report.numTodoTests)
const suites = reports.flatMap(report => report.testResults)
for (const suite of suites)
  for (const test of suite.assertionResults)
    if (test.status !== 'passed') console.log(`${test.status}: ${test.fullName}`)
const slowest = suites
  .map(({ name, startTime, endTime }) => ({ seconds: (endTime - startTime) / 1_000, name }))
  .sort((one, other) => other.seconds - one.seconds)
  .slice(0, SLOWEST)
if (slowest.length > 0) console.log(`The ${slowest.length} slowest files:`)
for (const { seconds, name } of slowest)
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${relative(process.cwd(), name)}`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
const empty = reports.some(report => report.numPassedTests === 0)
const broken = suites.some(suite => suite.status === 'failed')
process.exit(failed > 0 || broken || empty || (process.env.CI && skipped > 0) ? 1 : 0)
