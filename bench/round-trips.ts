import { environmentIn, presence } from './command.ts'
import type { Measure } from './context.ts'
import { migrateAt } from './library.ts'
import { isAwaited, PacketProxy } from './packet-proxy.ts'
import type { Row } from './report.ts'

/** A claim also writes an event to the history, after its answer. */
const BUDGETS = { claim: { atMost: 3 }, peek: { atMost: 2 } }

/** Requests that an answer waits for, counted on the wire. */
export const roundTrips: Measure = {
  title: 'Round trips to Dolt after the handshake, the most of several boards',
  budgeted: true,
  async rows(context): Promise<readonly Row[]> {
    const server = await context.dolt()
    await using proxy = await PacketProxy.before(server.port)
    const dsn = `mysql://root@127.0.0.1:${proxy.port}/round_trips`
    const mine = environmentIn(context.folder, { PRESENCE_DSN: dsn })
    const theirs = { ...mine, PRESENCE_SESSION_ID: 'other@bench' }
    const claim = (env = mine) => presence(env, 'claim', 'node:bench-1', '--purpose', 'count round trips')
    const peek = presence(mine, 'peek', 'node:bench-1')
    const count = async (verb: () => Promise<number>) => {
      proxy.take()
      await verb()
      const { length } = proxy.take().filter(isAwaited)
      if (length === 0) throw new Error('an answer came without a request: the proxy was passed by')
      return length
    }

    await migrateAt(dsn)
    const onEmpty = { peek: await count(peek), claim: await count(claim()) }
    const onMine = { peek: await count(peek), claim: await count(claim()) }
    await claim(theirs)()
    const besideOther = { peek: await count(peek), claim: await count(claim()) }
    const most = (verb: 'claim' | 'peek') => Math.max(onEmpty[verb], onMine[verb], besideOther[verb])
    return (['claim', 'peek'] as const).map(what => ({ what, value: most(what), budget: BUDGETS[what] }))
  },
}
