import { readFileSync } from 'node:fs'

// Prints the counts of vitest's own reports as the last line. CI may skip nothing: a skip there is a failure.
const EMPTY = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
const reports = process.argv.slice(2).map(file => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    // A run that never came to its report passed nothing.
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
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
const empty = reports.some(report => report.numPassedTests === 0)
const broken = suites.some(suite => suite.status === 'failed')
process.exit(failed > 0 || broken || empty || (process.env.CI && skipped > 0) ? 1 : 0)
