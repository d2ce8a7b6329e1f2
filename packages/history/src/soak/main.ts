/**
 * `npm run soak`: runs workers on a board under faults and
 * judges their answers, or judges a saved history again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { judge } from '../judge.ts'
import { readHistory } from '../read.ts'
import { reportOf } from '../report.ts'
import { ENGINES } from './plan.ts'
import { soak } from './soak.ts'

const USAGE = `usage: npm run soak -- --engine ${ENGINES.join('|')} [--minutes N] [--seed S] [--keep DIR]
       npm run soak -- --judge FILE`

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
    judge: { type: 'string' },
    product: { type: 'string' },
  },
})
const engine = ENGINES.find(each => each === values.engine)
const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
if (values.judge === undefined && (!engine || !(minutes > 0) || !Number.isInteger(seed))) {
  console.error(USAGE)
  process.exit(2)
}

const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'presence-soak-'))
if (engine && values.judge === undefined) {
  console.log(`soaking on ${engine} for ${minutes} minutes, seed ${seed}`)
  const product = values.product === undefined ? {} : { product: values.product }
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  await soak({ engine, seconds: minutes * 60, seed, folder, signal: ending.signal, ...product })
  if (ending.signal.aborted) process.exit(130)
}
const verdict = judge(readHistory(values.judge ?? join(folder, 'history')))
console.log(reportOf(verdict))
const isBad = verdict.findings.length + verdict.gaps.length > 0
if (values.judge === undefined && !values.keep) {
  if (isBad) console.log(`the history is in ${join(folder, 'history')}`)
  else rmSync(folder, { recursive: true, force: true })
}
process.exit(isBad ? 1 : 0)
