import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

let home: string
let env: Readonly<Record<string, string>>
beforeEach(() => {
  home = scratchFolder()
  mkdirSync(join(home, 'bin'))
  writeFileSync(join(home, 'bin/kubectl'), '#!/bin/sh\npresence list --json; exit 7\n')
  chmodSync(join(home, 'bin/kubectl'), 0o755)
  const bin = join(import.meta.dirname, '../bin')
  env = { HOME: home, PATH: `${home}/bin:${bin}:${process.env['PATH']}`, PRESENCE_DSN: `sqlite:${home}/b.db` }
})
const run = (...args: string[]) =>
  presence(['run', ...args], { cwd: home, env: { ...env, PRESENCE_SESSION_ID: 'ci' }, within: 20_000 })

describe('presence run --guard', () => {
  it('claims what the command changes while it runs, exits with its status, and releases', async () => {
    const said = await run('--guard', '--', 'kubectl', 'drain', 'k8s-1')
    expect(said.status).toBe(7)
    expect(JSON.parse(said.stdout)).toMatchObject([
      { resource_label: 'node:k8s-1', purpose: 'kubectl drain k8s-1', mode: 'shared' },
    ])
    expect((await presence(['list', '--json'], { cwd: home, env })).stdout).toBe('[]\n')
  })

  it('claims the labels of --claim too, with the purpose that was given', async () => {
    const said = await run(
      '--guard',
      '--claim',
      'db:shop',
      '--purpose',
      'why',
      '--',
      'kubectl',
      'drain',
      'k8s-1',
    )
    expect(JSON.parse(said.stdout)).toMatchObject([
      { resource_label: 'db:shop', purpose: 'why' },
      { resource_label: 'node:k8s-1', purpose: 'why' },
    ])
  })

  it('runs plainly what changes nothing, also without a board', async () => {
    const dead = { ...env, PRESENCE_DSN: 'mysql://x@127.0.0.1:9/x' }
    const said = await presence(['run', '--guard', '--', 'sh', '-c', 'echo ran; exit 5'], {
      cwd: home,
      env: dead,
    })
    expect(said).toMatchObject({ status: 5, stdout: 'ran\n', stderr: '' })
  })

  it('says what it can’t claim, and runs it', async () => {
    const said = await run('--guard', '--', 'sh', '-c', 'kubectl delete node "$(cat no)"')
    expect(said.stderr).toContain('kubectl delete changes something, and it is unknown what')
  })

  it('with --exclusive keeps the command from running while another holds the label', async () => {
    const bob = { ...env, PRESENCE_SESSION_ID: 'bob' }
    await presence(['claim', 'node:k8s-1', '--exclusive', '--purpose', 'p'], { cwd: home, env: bob })
    expect(await run('--guard', '--', 'kubectl', 'drain', 'k8s-1')).toMatchObject({ status: 1, stdout: '' })
    expect(await run('--guard', '--exclusive', '--', 'kubectl', 'drain', 'k8s-1')).toMatchObject({
      status: 1,
    })
  })

  it('with a broken config says so and runs the command, but not under --exclusive', async () => {
    mkdirSync(join(home, '.presence'))
    writeFileSync(join(home, '.presence/config.json'), '{"guard": {"modes": {"node": "ask"}}}')
    const said = await run('--guard', '--', 'sh', '-c', 'echo ran; exit 5')
    expect(said).toMatchObject({
      status: 5,
      stdout: 'ran\n',
      stderr: expect.stringContaining('guard.modes.node'),
    })
    expect(await run('--guard', '--exclusive', '--', 'sh', '-c', 'echo ran')).toMatchObject({
      status: 2,
      stdout: '',
    })
  })
})
