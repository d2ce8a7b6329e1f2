import { describe, expect, it } from 'vitest'
import { ADAPTERS } from '../packages/hooks/src/agents/index.ts'
import type { CliResult } from './support/cli.ts'
import { AWAY } from './support/exit-statuses/away.ts'
import { commandsIn } from './support/exit-statuses/commands.ts'
import type { Fault } from './support/exit-statuses/fault.ts'
import { TO_FIX } from './support/exit-statuses/to-fix.ts'
import { User } from './support/exit-statuses/user.ts'
import { ELSEWHERE, VERBS, type Verb } from './support/exit-statuses/verbs.ts'
import { until } from './support/until.ts'

/** How many commands run at the same time. */
const AT_ONCE = 4

/** The exit status by the table of G7. */
function statusBy({ kind, needsConfig }: Verb, { nature, code }: Fault): number {
  if (needsConfig && code === 'invalid_config') return 2
  if (kind === 'local') return 0
  if (kind === 'runs') return 7
  if (nature === 'fix') return 2
  return kind === 'promises' ? 3 : 0
}

function expectBy(
  name: string,
  verb: Verb,
  fault: Fault,
  said: CliResult & { readonly isQueued: boolean },
): void {
  const expected = fault.others?.[name] ?? statusBy(verb, fault)
  expect(said.status, `presence ${verb.args.join(' ')}: ${said.stdout}${said.stderr}`).toBe(expected)
  if (fault.others?.[name] !== undefined || verb.kind === 'local') return
  const [first = ''] = said.stderr.split('\n')
  if (verb.claims) expect(first, name).toMatch(/^presence: NOT claimed node:a: /)
  expect(verb.prints ? said.stdout + said.stderr : said.stderr, name).toMatch(fault.says)
  if (verb.kind === 'advisory' || verb.kind === 'promises') {
    if (!verb.prints) expect(said.stdout, name).toBe('')
    if (!verb.prints) expect(said.stderr, name).toMatch(new RegExp(`hint: .*(${fault.hint.source})`))
  }
  if (verb.kind === 'runs' && expected === 7) expect(said.stdout, name).toBe('ran\n')
  expect(said.isQueued, `queued: ${name}`).toBe(Boolean(verb.queues) && fault.nature === 'away')
  expect(said.stderr, name).not.toContain('s3cret')
}

/** Does the work for each of the items, some at a time, and reports every failure. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const failed: string[] = []
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift())
      await work(item).catch(error => failed.push((error as Error).message))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  expect(failed.join('\n')).toBe('')
}

it('the table has every command of the program', async () => {
  const there = new Set(await commandsIn())
  const tested = new Set([
    ...Object.keys(VERBS).map(name => name.replace(/ --.*/, '')),
    ...Object.keys(ELSEWHERE),
  ])
  expect([...tested].toSorted()).toEqual([...there].toSorted())
})

describe.each(Object.entries({ ...AWAY, ...TO_FIX }))('G7: %s', (_, fault) => {
  it.skipIf(fault.when === false)(
    'ends every command with the status of the table, the reason first',
    async () => {
      const user = await User.with(await fault.make())
      const expected = async ([name, verb]: readonly [string, Verb]) =>
        expectBy(name, verb, fault, await user.presence(verb.args))
      // It may be the remedy.
      const { migrate, ...verbs } = VERBS
      await forEach(Object.entries(verbs), expected)
      if (migrate) await expected(['migrate', migrate])
    },
  )

  it.skipIf(fault.when === false)(
    'is an error object under --json, and told in every agent’s context',
    async () => {
      const user = await User.with(await fault.make())
      await forEach(['list', 'claim', 'claim --exclusive', 'steal'], async name => {
        const { stdout } = await user.presence([...(VERBS[name]?.args ?? []), '--json'])
        expect(JSON.parse(stdout), name).toMatchObject({
          error: { code: fault.code, message: expect.stringMatching(fault.says) },
        })
      })
      await forEach([...ADAPTERS.keys()], async agent => {
        const told =
          fault.nature === 'fix'
            ? /it can't be used here until this is fixed: .* To fix it: .* has been unknown since/
            : /what others are changing has been unknown since/
        // On a busy machine a hook's time may be over before the board could say what is wrong.
        await until(`${agent} to be told ${told}`, async () => {
          const said = await user.hook(agent, agent === 'cursor' ? 'sessionStart' : 'SessionStart')
          expect(said, agent).toMatchObject({ status: 0, stderr: '' })
          expect(said.stdout, agent).toContain('unknown since')
          return told.test(said.stdout)
        })
      })
    },
  )
})
