import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Environment, emptyNode, environmentIn, run } from './command.ts'
import type { Context, Measure } from './context.ts'
import { migrateAt } from './library.ts'
import { inTurns } from './pairs.ts'
import { type Row, rowOf } from './report.ts'

// The command in its two forms: `bin/presence` of a checkout, which agents' settings find on PATH, and the
// single file that is copied into an image.
const PRESENCE = join(import.meta.dirname, '../packages/cli/bin/presence')
const ONE_FILE = join(import.meta.dirname, '../dist/presence')
const THROTTLED = { atMost: 0.2 }
/** A guarded command also reads the command, and writes a claim. */
const GUARDED = 'PreToolUse, a guarded command'
const GUARDED_LEAST = 2.2

/** A minimal throttled hook for comparison. It starts one program for the time and one for a file's age. */
const PLAIN = `#!/bin/bash
STAMP="$HOME/stamp"
NOW=$(date +%s)
LAST=$(stat -c %Y "$STAMP" 2>/dev/null || echo 0)
if (( NOW - LAST < 120 )); then exit 0; fi
touch "$STAMP"
`

/** Each hook as an agent runs it, on the board of a new machine. */
export const hooksEmbedded: Measure = {
  title: 'A hook on the embedded board, beside node -e 0',
  budgeted: true,
  rows: context => hookRows(context, environmentFor(context), 2),
}

/** The same hooks on a database server, including the connection. */
export const hooksOnDolt: Measure = {
  title: 'A hook on a local Dolt, beside node -e 0',
  budgeted: true,
  async rows(context) {
    const dsn = (await context.dolt()).dsn('hooks')
    await migrateAt(dsn)
    return hookRows(context, environmentFor(context, { PRESENCE_DSN: dsn }), 3)
  },
}

/** The same hooks through a presence server on that Dolt. */
export const hooksOverHttp: Measure = {
  title: 'A hook over a presence server on a local Dolt, beside node -e 0',
  budgeted: true,
  async rows(context) {
    const dsn = (await context.dolt()).dsn('hooks_http')
    await migrateAt(dsn)
    return hookRows(context, environmentFor(context, { PRESENCE_DSN: await context.serving(dsn) }), 4)
  },
}

/** A payload for the guard: another call each time, because copies of one call count once. */
function command(text: string): string {
  return JSON.stringify({
    session_id: 'bench-session',
    cwd: '/',
    tool_name: 'Bash',
    tool_input: { command: text },
    tool_use_id: `toolu_${moments++}`,
  })
}

let moments = 0

/** Makes each payload different, because identical payloads are answered only once. */
function payload(): string {
  return JSON.stringify({ session_id: 'bench-session', cwd: '/', prompt: `prompt ${moments++}` })
}

function environmentFor({ folder }: Context, more: Environment = {}): Environment {
  return environmentIn(folder, { CLAUDE_CODE_SESSION_ID: 'bench-session', ...more })
}

async function hookRows(context: Context, env: Environment, atMost: number): Promise<readonly Row[]> {
  const plain = join(context.folder, 'plain-hook')
  writeFileSync(plain, PLAIN, { mode: 0o755 })
  const hook =
    (event: string, program = PRESENCE) =>
    () =>
      run(program, ['hook', event], env, payload())
  const guard =
    (text: string, program = PRESENCE) =>
    () =>
      run(program, ['hook', 'PreToolUse', '--guard', 'pause'], env, command(text))
  const asked = {
    SessionStart: hook('SessionStart'),
    UserPromptSubmit: hook('UserPromptSubmit'),
    'PreToolUse, allowing': hook('PreToolUse'),
    [GUARDED]: guard('kubectl drain k8s-1'),
    SessionEnd: hook('SessionEnd'),
    'UserPromptSubmit, of one file': hook('UserPromptSubmit', ONE_FILE),
  }
  // The first runs fill the compile cache, which all later runs of a working day use.
  for (const each of Object.values(asked)) await each()
  const results = await inTurns(context.rounds, asked, emptyNode(env))
  await hook('SessionStart')()
  await run(plain, [], env)
  const throttled = {
    'PostToolUse, throttled': hook('PostToolUse'),
    'PostToolUse, throttled, of one file': hook('PostToolUse', ONE_FILE),
    'PreToolUse, passed by the guard’s prefilter': guard('git status && npm test 2>&1 | tail -20'),
    'PreToolUse, passed, of one file': guard('git status && npm test 2>&1 | tail -20', ONE_FILE),
    'a plain bash hook': () => run(plain, [], env),
  }
  const after = await inTurns(context.rounds, throttled, emptyNode(env))
  return [
    ...Object.entries(results).map(([event, beside]) =>
      rowOf(event, beside, { atMost: event === GUARDED ? Math.max(atMost, GUARDED_LEAST) : atMost }),
    ),
    ...Object.entries(after).map(([event, beside]) =>
      rowOf(event, beside, event.includes('ToolUse') ? THROTTLED : undefined),
    ),
  ]
}
