/**
 * `npm run mutations [-- name…]`: plants each mutation in a copy of the library, soaks the copy, and shows
 * which rule found it and when. Ends with 1 if one is not found in time.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { judge } from '../judge.ts'
import { readHistory } from '../read.ts'
import { now } from '../soak/recorder.ts'
import type { Finding } from '../verdict.ts'
import { plant } from './build.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'

/** How many soaks run at once. They mostly wait. */
const AT_ONCE = 3
const SOAK = join(import.meta.dirname, '../soak/main.ts')
const LOOKS_MS = 3_000
/** The longest time between a recorded moment and the write of its line. */
const SETTLED_MS = 100

interface Result {
  readonly mutation: Mutation
  readonly seconds: number
  readonly found: Finding | undefined
  readonly failure?: string
}

async function tried(mutation: Mutation): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'presence-mutation-'))
  try {
    const product = await plant(mutation, folder)
    return { mutation, ...(await soaked(mutation, product, folder)) }
  } catch (error) {
    return { mutation, seconds: 0, found: undefined, failure: (error as Error).message }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Runs the soak in its own process, because judging in the same one would slow down the soak's proxy. */
async function soaked(
  { engine, rules, seconds: bound = 60, seed = 1 }: Mutation,
  product: string,
  folder: string,
): Promise<Omit<Result, 'mutation'>> {
  const from = now()
  const run = ['--engine', engine, '--minutes', `${bound / 60}`, '--seed', `${seed}`]
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', SOAK, ...run, '--keep', folder, '--product', product],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = once(child, 'exit')
  for (;;) {
    const isOver = await Promise.race([ended, pause(LOOKS_MS, false)])
    const found = existsSync(join(folder, 'history', 'soak.jsonl')) ? firstOf(rules, folder) : undefined
    if (!found && !isOver) continue
    const seconds = Math.round((now() - from) / 1_000)
    child.kill('SIGTERM')
    await ended
    return { seconds, found }
  }
}

/**
 * The first finding of the given rules. Other rules don't count, because their findings may be faults of the
 * product itself. While workers are still writing, only lines from before the read began are judged, because
 * the files are read one after another.
 */
function firstOf(rules: readonly string[], folder: string): Finding | undefined {
  const until = now() - SETTLED_MS
  const lines = readHistory(join(folder, 'history')).filter(line => !('at' in line) || line.at < until)
  if (!lines.some(line => line.type === 'process')) return undefined
  return judge(lines).findings.find(({ rule }) => rules.includes(rule))
}

const names = process.argv.slice(2)
const unknown = names.filter(name => !MUTATIONS.some(mutation => mutation.name === name))
if (unknown.length > 0) {
  console.error(
    `no mutation is called ${unknown.join(', ')}; there are: ${MUTATIONS.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}
const left = MUTATIONS.filter(({ name }) => names.length === 0 || names.includes(name))
const results: Result[] = []
const all = left.length
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let mutation = left.shift(); mutation; mutation = left.shift()) {
      const result = await tried(mutation)
      results.push(result)
      console.error(`${mutation.name}: ${result.failure ?? result.found?.message ?? 'NOT FOUND'}`)
    }
  }),
)
console.log('| mutation | engine | seconds | found by |\n|---|---|---|---|')
const order = new Map(MUTATIONS.map((mutation, index) => [mutation, index]))
results.sort((a, b) => (order.get(a.mutation) ?? 0) - (order.get(b.mutation) ?? 0))
for (const { mutation, seconds, found } of results)
  console.log(
    `| ${mutation.what} | ${mutation.engine} | ${found ? seconds : '–'} | ${found ? `\`${found.rule}\` (${found.guarantee})` : 'NOT FOUND'} |`,
  )
const missed = results.filter(({ found }) => !found).length
console.log(`\n${all - missed} of ${all} found`)
process.exit(missed > 0 ? 1 : 0)
