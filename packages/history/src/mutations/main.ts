/**
 * `npm run mutations [-- name…]`: plants each mutation in a copy of the library, soaks the copy, and shows which rule found
 * it and when. Ends with 1 if one is not found in time.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Finding, judge } from '../judge.ts'
import { readHistory } from '../read.ts'
import { now } from '../soak/recorder.ts'
import { soak } from '../soak/soak.ts'
import { plant } from './build.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'

/** So many at once: most of a soak is waiting. */
const AT_ONCE = 3
const LOOKS_MS = 3_000

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

async function soaked(
  { engine, rules, seconds: bound = 60, seed = 1 }: Mutation,
  product: string,
  folder: string,
): Promise<Omit<Result, 'mutation'>> {
  const from = now()
  const seconds = () => Math.round((now() - from) / 1_000)
  const ending = new AbortController()
  const running = soak({ engine, seconds: bound, seed, folder, product, signal: ending.signal })
  let ended = false
  const end = running.finally(() => {
    ended = true
  })
  end.catch(() => {})
  for (;;) {
    await Promise.race([end, pause(LOOKS_MS)])
    const found = firstOf(rules, folder)
    if (found || ended) {
      ending.abort()
      const took = seconds()
      await end
      return { seconds: took, found: found ?? firstOf(rules, folder) }
    }
  }
}

/** Only what the mutation should break counts: another finding may be a fault of the product itself. */
function firstOf(rules: readonly string[], folder: string): Finding | undefined {
  try {
    return judge(readHistory(join(folder, 'history'))).findings.find(({ rule }) => rules.includes(rule))
  } catch {
    // Nothing is recorded yet.
    return undefined
  }
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
