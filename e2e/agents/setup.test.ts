import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { programOf } from '../support/agents/agent.ts'
import { claudeCode } from '../support/agents/claude-code.ts'
import { newPlace, PATH } from '../support/agents/place.ts'
import { runAgent } from '../support/agents/run.ts'
import { presence } from '../support/cli.ts'

describe.skipIf(!claudeCode.isHere)('presence setup', () => {
  it('finds the real Claude Code, and its next session knows the board', async () => {
    const place = newPlace()
    const program = await programOf('claude-code')
    const env = { HOME: place.home, PATH: `${dirname(program)}:${PATH}` }
    const setup = () => presence(['setup', '--yes'], { cwd: place.project, env, within: 60_000 })
    let said = await setup()
    // On a busy machine doctor may find that a hook is too slow.
    while (said.stdout.includes('did not answer within')) said = await setup()
    expect(said, said.stderr + said.stdout).toMatchObject({ status: 0 })
    expect(said.stdout).toContain(`claude-code: found ${program}`)
    await place.presence(['claim', 'node:k8s-1', '--purpose', 'restart the kubelet'], {
      PRESENCE_SESSION_ID: 'bob',
    })
    const turns = [claudeCode.mcp('list', {}), { text: 'seen' }]
    const { asked, news } = await runAgent(claudeCode, { place, turns })
    expect(asked[0], 'by its hooks').toContain('node:k8s-1: \\"restart the kubelet\\" by bob')
    expect(asked[0], 'by its rules').toContain('presence claim <label>')
    expect(news[1], 'by its tools').toContain('restart the kubelet')
  })
})
