import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { standInFor } from '../../../e2e/support/bd.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'
import { askTracker } from './ask.ts'

let project: string
beforeEach(() => {
  project = scratchFolder()
  mkdirSync(join(project, '.beads'))
})

/** Long enough for a slow machine. */
const PATIENT_MS = 60_000
const bd = () => standInFor(project)
const ask = (ms = PATIENT_MS) =>
  askTracker({ folder: join(project, '.beads'), program: join(project, 'bin/bd') }, process.env, ms)

describe('the tracker', () => {
  it('is asked once for all tasks, also if there are more than bd lists by default', async () => {
    const { tasks, calls } = bd()
    tasks(
      Array.from({ length: 120 }, (_, at) => ({
        id: `code-${at}`,
        title: 'x',
        status: at < 60 ? 'open' : 'in_progress',
      })),
    )
    expect(await ask()).toHaveLength(120)
    expect(calls()).toEqual([`--db ${project}/.beads list --status open,in_progress --json --limit 0`])
  })

  it.each([
    [
      'an error of bd 1.0 to 1.3',
      `echo '{"error": "no db", "schema_version": 1}' >&2; exit 1`,
      'bd failed: no db',
    ],
    ['an error on standard output', `echo '{"error": "no db", "hint": "x"}'; exit 1`, 'bd failed: no db'],
    ['an error in an envelope', `echo '{"data": {"error": "no db"}}' >&2; exit 1`, 'bd failed: no db'],
    ['a plain error', 'echo "warning: x" >&2; echo "Error: no db" >&2; exit 1', 'bd failed: Error: no db'],
    [
      'a coloured error',
      `printf '\\033[31mno db\\033[0m\\n' >&2; exit 1`,
      'bd failed: \ufffd[31mno db\ufffd[0m',
    ],
    ['no reason', 'exit 7', 'bd failed with exit status 7'],
    ['a crash', 'kill -SEGV $$', /bd (was ended by SIG|failed: )/],
    ['a list, and fails', 'echo "[]"; exit 1', 'bd failed with exit status 1'],
    ['a DSN', 'echo "dial beads:secret@tcp(10.0.0.1:3306)/x" >&2; exit 1', 'dial …@tcp(10.0.0.1:3306)/x'],
    ['a list with an error', `echo '{"error": "dial root:sekret@/x"}'`, 'bd failed: dial …@/x'],
    ['a URL', 'echo "mysql://beads:secret@10.0.0.1" >&2; exit 1', 'mysql://…@10.0.0.1'],
  ])('that prints %s has no answer, and the reason is one line', async (_, script, message) => {
    bd().script(script)
    await expect(ask()).rejects.toThrow(message)
  })

  it.each([
    ['root:sekret@tcp(db:3306)/x', '…@tcp(db:3306)/x'],
    ['root:sek@ret@tcp(db:3306)/x', '…@tcp(db:3306)/x'],
    ['root:sekret@/x', '…@/x'],
    ['root:sekret@unix(/tmp/my.sock)', '…@unix(/tmp/my.sock)'],
    ['mysql://root:sek/ret@db', 'mysql://…@db'],
    ['"mysql://root:sek@ret@db":', '"mysql://…@db":'],
    [
      'parse "mysql://root:sek/ret@db": invalid port ":sek" after host',
      'parse "mysql://…@db": invalid port "…" after host',
    ],
    ['BEADS_DOLT_PASSWORD=sekret x', 'BEADS_DOLT_PASSWORD=… x'],
    ['my_passwd_2 = "sek \\" ret" x', 'my_passwd_2 = … x'],
    ["--token='sek ret'; Api-Key=sekret", '--token=… Api-Key=…'],
    ['CLIENT_SECRET="sek ret', 'CLIENT_SECRET=…'],
  ])('that prints %s shows nothing of the secret', async (printed, shown) => {
    writeFileSync(join(project, 'said'), `Error: ${printed}\n`)
    bd().script(`cat '${project}/said' >&2; exit 1`)
    await expect(ask()).rejects.toThrow(new Error(`bd failed: Error: ${shown}`))
  })

  it('that prints a warning beside its answer is understood', async () => {
    bd().script(`echo 'Warning: .beads has permissions 0770' >&2; echo '[]'`)
    expect(await ask()).toEqual([])
  })

  it('that prints too much is ended, and says nothing of any task', async () => {
    bd().script(`echo $$ >'${project}/pid'; yes '[{"id": "code-1", "title": "x", "status": "open"},'`)
    await expect(ask()).rejects.toThrow('bd printed more than 16 MB')
    await ended()
  })

  it('that prints 10 MB of tasks is understood', async () => {
    const task = { id: 'code-1', title: 'x', status: 'open', description: 'd'.repeat(10_000) }
    writeFileSync(join(project, 'many.json'), JSON.stringify(Array(1_000).fill(task)))
    bd().script(`cat '${project}/many.json'`)
    expect(await ask()).toHaveLength(1_000)
  })

  it('that hangs is ended, with all that it started', async () => {
    bd().script(`echo $$ >'${project}/pid'; (trap '' TERM; sleep 600) & trap '' TERM; sleep 600`)
    await expect(ask(300)).rejects.toThrow('bd gave no answer within 0.3 s')
    await ended()
  })

  it('answers also if a server that it started keeps its output open', async () => {
    bd().script(`setsid sleep 600 & echo $! >'${project}/server'; echo '[]'`)
    try {
      expect(await ask()).toEqual([])
    } finally {
      process.kill(Number(readFileSync(join(project, 'server'), 'utf8')), 'SIGKILL')
    }
  })

  it('that can’t be started is named', async () => {
    bd().script('')
    writeFileSync(join(project, 'bin/bd'), '#!/nowhere/sh\n')
    await expect(ask()).rejects.toThrow("bd can't be started: ")
  })
})

/** True once no process of the stand-in's group is left. */
async function ended(): Promise<void> {
  const group = Number(
    await until(
      'the stand-in',
      () => existsSync(join(project, 'pid')) && readFileSync(join(project, 'pid'), 'utf8').trim(),
    ),
  )
  await until('its end', () => {
    try {
      process.kill(-group, 0)
      return false
    } catch {
      return true
    }
  })
}
