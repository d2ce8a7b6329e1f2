import { dirname } from 'node:path'
import { beforeEach, describe, expect, it, type TestContext } from 'vitest'
import { programOf } from '../support/agents/agent.ts'
import { claudeCode, installPlugin } from '../support/agents/claude-code.ts'
import { codex } from '../support/agents/codex.ts'
import { geminiCli } from '../support/agents/gemini-cli.ts'
import { newPlace, type Place } from '../support/agents/place.ts'
import { runAgent } from '../support/agents/run.ts'

let place: Place
beforeEach(() => {
  place = newPlace()
})

/** Wires an agent's hooks and MCP server, and returns everything that was said about it. */
async function wired(agent: string): Promise<string> {
  const said = [
    await place.presence(['init', '--hooks', agent]),
    await place.presence(['init', '--mcp', agent]),
  ]
  return said.map(({ stdout, stderr }) => stdout + stderr).join('')
}

describe.skipIf(!codex.isHere)('Codex in its default sandbox', () => {
  /** What the model read about a command. */
  async function saidTo(command: string, { skip }: TestContext): Promise<string> {
    await wired('codex')
    const turns = [codex.shell(command), codex.shell('echo began; touch "$HOME/outside"')]
    const { news } = await runAgent(codex, { place, sandbox: 'default', turns })
    if (!news[2]?.includes('began\\n')) skip(`this kernel refuses Codex's sandbox: ${news[2]}`)
    expect(news[2]).toMatch(/Read-only|Permission denied/)
    return news[1] ?? ''
  }

  it('a claim that the sandbox forbids is not made, and the remedy names MCP and the setting', async context => {
    const said = await saidTo('presence claim node:k8s-2 --purpose drain', context)
    expect(said).toContain('exited with code 2')
    expect(said).toMatch(/Output:\\npresence: NOT claimed node:k8s-2: [^\\]*sandbox/)
    expect(said).toContain('MCP')
    expect(said).toContain('writable_roots')
  })

  it('a claim on a server is not made without the network, and the remedy names the setting', async context => {
    const said = await saidTo(
      'PRESENCE_DSN=mysql://root@127.0.0.1:9/x presence claim node:k8s-2 --purpose drain',
      context,
    )
    expect(said).toContain('exited with code 2')
    expect(said).toMatch(/presence: NOT claimed node:k8s-2: [^\\]*sandbox/)
    expect(said).toContain('MCP')
    expect(said).toContain('network_access')
  })

  it('a shared run says that nothing is claimed, and runs its command', async context => {
    // Into one pipe: Codex joins two in the order in which it happens to read them.
    const said = await saidTo(
      'presence run --claim node:k8s-2 --purpose x -- sh -c "echo it-ran; exit 5" 2>&1',
      context,
    )
    expect(said).toContain('exited with code 5')
    expect(said).toMatch(/Output:\\npresence: NOT claimed node:k8s-2: [^\\]*sandbox/)
    expect(said).toContain('it-ran')
    expect(said, 'it does not speak of a claim that never was').not.toContain('could not be released')
  })

  it('an exclusive run does not run its command', async context => {
    const said = await saidTo(
      'presence run --claim node:k8s-2 --exclusive --purpose x -- echo it-ran',
      context,
    )
    expect(said).toContain('exited with code 2')
    expect(said).toMatch(/sandbox/)
    expect(said.slice(said.indexOf('Output:'))).not.toContain('it-ran')
  })

  it('doctor names the sandbox from inside', async context => {
    const said = await saidTo('presence doctor', context)
    expect(said).toMatch(/sandbox/)
    expect(said).toContain('writable_roots')
  })

  it('the MCP server claims outside of the sandbox', async () => {
    await wired('codex')
    const turns = [codex.mcp('claim', { label: 'node:k8s-3', purpose: 'drain' })]
    const { news } = await runAgent(codex, { place, sandbox: 'default', turns })
    expect(news[1]).toMatch(/claimed\W+true/)
  })
})

describe.skipIf(!geminiCli.isHere)('Gemini CLI in an untrusted folder', () => {
  it('init says that the folder has to be trusted, and how', async () => {
    expect(await wired('gemini-cli')).toMatch(/trust[^\n]*\/permissions/)
  })

  it('doctor says that the hooks don’t run, and what to do', async () => {
    await wired('gemini-cli')
    const turns = [geminiCli.shell('presence doctor --hooks')]
    const { news } = await runAgent(geminiCli, { place, trusted: 'nothing', turns })
    expect(news[1]).toMatch(/(broken|note) [^\\]*gemini-cli[^\\]*trust/)
    expect(news[1]).toContain('/permissions')
  })

  it('a variable that its message names makes the hooks run', async () => {
    await wired('gemini-cli')
    const bob = { PRESENCE_SESSION_ID: 'bob' }
    await place.presence(['claim', 'node:k8s-1', '--purpose', 'restart the kubelet'], bob)
    const { news } = await runAgent(geminiCli, {
      place,
      trusted: 'nothing',
      env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
      turns: [{ text: 'done' }],
    })
    expect(news[0]).toContain('<hook_context>Presence board')
  })
})

describe.skipIf(!claudeCode.isHere)('the plugin of Claude Code under a Node that is too old', () => {
  it('says so once in the context of the agent, with the version that it needs', async () => {
    const env = { PATH: `${dirname(await programOf('node-20'))}:/usr/bin:/bin` }
    await installPlugin(place)
    const { news } = await runAgent(claudeCode, { place, env, turns: [{ text: 'done' }] })
    const told = news[0]?.match(/hook additional context: [^"]*Node 20\.20\b[^"]*/g) ?? []
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('22.16')
  })
})
