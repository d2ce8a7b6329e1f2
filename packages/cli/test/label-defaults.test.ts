import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const P = ['--purpose', 'p']

/** A board, with a project whose config has defaults for labels, and a folder without a config. */
function newBoard() {
  const [project, bare] = [scratchFolder(), scratchFolder()]
  mkdirSync(join(project, '.presence'))
  const config = { defaultScope: 'prod', defaultNamespace: 'shop' }
  writeFileSync(join(project, '.presence/config.json'), JSON.stringify(config))
  const env = { PRESENCE_DSN: `sqlite:${project}/board.db`, PRESENCE_SESSION_ID: 'ana', HOME: bare }
  const runIn =
    (cwd: string) =>
    (...args: string[]) =>
      presence(args, { env, cwd })
  const run = runIn(project)
  return {
    run,
    runBare: runIn(bare),
    held: async () =>
      (JSON.parse((await run('list', '--json')).stdout) as { readonly resource_label: string }[])
        .map(each => each.resource_label)
        .toSorted(),
  }
}

describe('defaultScope and defaultNamespace', () => {
  it('complete the labels that are typed, of every verb', async () => {
    const { run, held } = newBoard()
    const said = await run('claim', 'node:k8s-1', 'service:web', 'pvc:orders@dev', 'db:orders', ...P)
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toMatch(/^presence: claimed node:k8s-1@prod until /)
    const labels = ['db:orders', 'node:k8s-1@prod', 'pvc:shop/orders@dev', 'service:shop/web@prod']
    expect(await held()).toEqual(labels)
    expect((await run('peek', 'node:k8s-1')).stdout).toContain('active claims on node:k8s-1@prod:')
    expect((await run('log', 'node:k8s-1')).stdout).toContain('node:k8s-1@prod')
    expect((await run('release', 'node:k8s-1', 'service:web')).stdout).toBe(
      'presence: released node:k8s-1@prod\npresence: released service:shop/web@prod\n',
    )
    const inside = await run('run', '--claim', 'node:k8s-2', ...P, '--', PRESENCE, 'list')
    expect(inside.stdout).toContain('node:k8s-2@prod')
    expect(await held()).toEqual(['db:orders', 'pvc:shop/orders@dev'])
  })

  it('let one token of an exclusive claim be verified by the label as it was typed', async () => {
    const { run } = newBoard()
    await run('claim', 'node:k8s-1', '--exclusive', ...P)
    expect((await run('verify', 'node:k8s-1', '--token', '1')).status).toBe(0)
    expect((await run('verify', 'node:k8s-1@prod', '--token', '1')).status).toBe(0)
  })

  it('leave a claim within reach that was made without them, and tell of it', async () => {
    const { run, runBare, held } = newBoard()
    await runBare('claim', 'node:k8s-1', ...P)
    const bob = await run('claim', 'node:k8s-1', ...P, '--session', 'bob')
    expect(bob.stderr).toContain('node:k8s-1@prod may be the same as node:k8s-1 of ana')
    expect((await run('peek', 'node:k8s-1', '--session', 'eve')).stderr).toContain(
      'may be the same as node:k8s-1 of ana',
    )
    expect((await run('release', 'node:k8s-1')).stdout).toBe('presence: released node:k8s-1\n')
    expect(await held()).toEqual(['node:k8s-1@prod'])
  })
})
