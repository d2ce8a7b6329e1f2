#!/usr/bin/env node
import { judge } from './judge.ts'
import { readHistory } from './read.ts'
import { reportOf } from './report.ts'

const [verb, path] = process.argv.slice(2)
if (verb !== 'judge' || path === undefined) {
  console.error('usage: presence-history judge <file or folder>')
  process.exit(2)
}
const verdict = judge(readHistory(path))
console.log(reportOf(verdict))
process.exit(verdict.findings.length + verdict.gaps.length > 0 ? 1 : 0)
