import { cpus } from 'node:os'
import { Context, type Measure } from './context.ts'
import { crowdOnDolt, crowdOnSqlite } from './crowd.ts'
import { acquiring, locking } from './exclusive.ts'
import { hooksEmbedded, hooksOnDolt, hooksOverHttp } from './hooks.ts'
import { hooksAsRequests } from './hooks-http.ts'
import { mcpStart } from './mcp.ts'
import { peer, peerHook } from './peer.ts'
import { brokenIn, render, type Section } from './report.ts'
import { roundTrips } from './round-trips.ts'
import { throughput } from './throughput.ts'
import { verbsEmbedded, verbsOnDolt, verbsOverHttp } from './verbs.ts'

const ROUNDS = 41
/** The minimum number of rounds for judging a budget. */
const ROUNDS_QUICK = 15

const MEASURES: readonly Measure[] = [
  verbsEmbedded,
  verbsOnDolt,
  verbsOverHttp,
  hooksEmbedded,
  hooksOnDolt,
  hooksOverHttp,
  hooksAsRequests,
  mcpStart,
  roundTrips,
  throughput,
  crowdOnDolt,
  crowdOnSqlite,
  acquiring,
  locking,
  peer,
  peerHook,
]

const EXIT = { kept: 0, broken: 1, usage: 2, unknown: 3 } as const

async function main(args: readonly string[]): Promise<number> {
  if (args.some(arg => arg !== '--quick')) {
    console.error('usage: npm run bench [-- --quick]')
    return EXIT.usage
  }
  const rounds = args.includes('--quick') ? ROUNDS_QUICK : ROUNDS
  const sections: Section[] = []
  await using context = new Context(rounds)
  for (const measure of MEASURES) {
    console.error(`presence: measuring: ${measure.title}`)
    sections.push(await sectionOf(measure, context))
  }
  console.log(`
Medians of ${rounds} pairs or more, taken in turns, on ${cpus().length} processors under Node ${process.versions.node}.
"ms" is the first of the two, "beside ms" what it is compared with.

${render(sections)}
`)
  return verdict(sections)
}

async function sectionOf(measure: Measure, context: Context): Promise<Section> {
  const { title, budgeted } = measure
  try {
    return { title, outcome: await measure.rows(context) }
  } catch (error) {
    const notMeasured = error instanceof Error ? error.message : String(error)
    console.error(`presence: NOT MEASURED: ${title}: ${notMeasured}`)
    return { title, outcome: { notMeasured, budgeted } }
  }
}

/** A budget that wasn't measured doesn't count as kept: the exit status says "unknown". */
function verdict(sections: readonly Section[]): number {
  const broken = brokenIn(sections)
  const unknown = sections.filter(({ outcome }) => 'notMeasured' in outcome && outcome.budgeted)
  for (const budget of broken) console.log(`BROKEN: ${budget}`)
  for (const { title } of unknown) console.log(`UNKNOWN: ${title}`)
  if (broken.length > 0) return EXIT.broken
  if (unknown.length > 0) return EXIT.unknown
  console.log('Every budget is kept.')
  return EXIT.kept
}

process.exitCode = await main(process.argv.slice(2))
