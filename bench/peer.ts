import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonPrograms } from '../toolchain/python.mjs'
import { emptyNode, environmentIn, presence, run } from './command.ts'
import type { Measure } from './context.ts'
import { migrateAt } from './library.ts'
import { inTurns } from './pairs.ts'
import { rowOf } from './report.ts'

const CLIENT = join(import.meta.dirname, 'peer.py')
const HOOK_CLIENT = join(import.meta.dirname, 'peer-hook.py')
const PRESENCE = join(import.meta.dirname, '../packages/cli/bin/presence')

/** The same claim with a client like those of the 8-column table. */
export const peer: Measure = {
  title: 'One claim on a local Dolt, and the same by Python with pymysql',
  budgeted: false,
  async rows(context) {
    const server = await context.dolt()
    const python = pythonWithPymysql()
    const env = environmentIn(context.folder, { PRESENCE_DSN: server.dsn('peer') })
    await migrateAt(server.dsn('peer'))
    const ours = presence(env, 'claim', 'node:bench-1', '--purpose', 'measure how long this takes')
    const theirs = () => run(python, [CLIENT, String(server.port), 'peer', 'peer@bench', 'node:bench-2'], env)
    await ours()
    await theirs()
    const node = emptyNode(env)
    const results = await inTurns(
      context.rounds,
      { 'pymysql, beside node -e 0': theirs, 'ours, beside node -e 0': ours, 'ours, beside pymysql': ours },
      { 'pymysql, beside node -e 0': node, 'ours, beside node -e 0': node, 'ours, beside pymysql': theirs },
    )
    return Object.entries(results).map(([what, beside]) => rowOf(what, beside))
  },
}

/** The hook that many teams write first: bash, which passes its input to Python. */
export const peerHook: Measure = {
  title: 'The hook before a prompt on a local Dolt, and the same by bash and Python with pymysql',
  budgeted: false,
  async rows(context) {
    const server = await context.dolt()
    const python = pythonWithPymysql()
    const dsn = server.dsn('peer_hook')
    const env = environmentIn(context.folder, { PRESENCE_DSN: dsn, CLAUDE_CODE_SESSION_ID: 'peer-hook' })
    await migrateAt(dsn)
    const other = { ...env, PRESENCE_SESSION_ID: 'other' }
    await run(PRESENCE, ['claim', 'node:bench-1', '--purpose', 'measure'], other)
    const script = join(context.folder, 'peer-hook')
    const line = `exec '${python}' '${HOOK_CLIENT}' ${server.port} peer_hook peer@bench`
    writeFileSync(script, `#!/bin/bash\nset -euo pipefail\n${line}\n`, { mode: 0o755 })
    let moment = 0
    const payload = () => JSON.stringify({ session_id: 'peer-hook', cwd: '/', prompt: `prompt ${moment++}` })
    const ours = () => run(PRESENCE, ['hook', 'UserPromptSubmit'], env, payload())
    const theirs = () => run(script, [], env, payload())
    await ours()
    await theirs()
    const node = emptyNode(env)
    const results = await inTurns(
      context.rounds,
      {
        'bash + Python, beside node -e 0': theirs,
        'ours, beside node -e 0': ours,
        'ours, beside bash + Python': ours,
      },
      {
        'bash + Python, beside node -e 0': node,
        'ours, beside node -e 0': node,
        'ours, beside bash + Python': theirs,
      },
    )
    return Object.entries(results).map(([what, beside]) => rowOf(what, beside))
  },
}

/** A Python that has the driver. */
function pythonWithPymysql(): string {
  return join(
    pythonPrograms('pymysql', line => console.error(`presence: ${line}`)),
    'python',
  )
}
