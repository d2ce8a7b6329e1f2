import { type Environment, emptyNode, environmentIn, presence } from './command.ts'
import type { Context, Measure } from './context.ts'
import { migrateAt } from './library.ts'
import { inTurns } from './pairs.ts'
import { type Budget, type Row, rowOf } from './report.ts'

/** Every verb as a separate command, on the board of a new machine. */
export const verbsEmbedded: Measure = {
  title: 'A verb on the embedded board, beside node -e 0',
  budgeted: true,
  rows: context => verbRows(context, environmentIn(context.folder), { atMost: 2 }),
}

/** The same commands on a database server, including the connection. */
export const verbsOnDolt: Measure = {
  title: 'A verb on a local Dolt, beside node -e 0',
  budgeted: true,
  async rows(context) {
    const server = await context.dolt()
    const env = environmentIn(context.folder, { PRESENCE_DSN: server.dsn('verbs') })
    await migrateAt(server.dsn('verbs'))
    return verbRows(context, env, { atMost: 3 })
  },
}

/** The same commands through a presence server on that Dolt. */
export const verbsOverHttp: Measure = {
  title: 'A verb over a presence server on a local Dolt, beside node -e 0',
  budgeted: true,
  async rows(context) {
    const dsn = (await context.dolt()).dsn('verbs_http')
    await migrateAt(dsn)
    const env = environmentIn(context.folder, { PRESENCE_DSN: await context.serving(dsn) })
    return verbRows(context, env, { atMost: 4 })
  },
}

/** The life of one claim, one verb at a time. */
async function verbRows(context: Context, env: Environment, budget: Budget): Promise<readonly Row[]> {
  const verbs = {
    claim: presence(env, 'claim', 'node:bench-1', '--purpose', 'measure how long this takes'),
    heartbeat: presence(env, 'heartbeat'),
    list: presence(env, 'list'),
    peek: presence(env, 'peek', 'node:bench-1'),
    who: presence(env, 'who'),
    release: presence(env, 'release', 'node:bench-1'),
  }
  // The first runs fill the compile cache, which all later runs of a working day use.
  for (const verb of Object.values(verbs)) await verb()
  const results = await inTurns(context.rounds, verbs, emptyNode(env))
  return Object.entries(results).map(([verb, beside]) => rowOf(verb, beside, budget))
}
