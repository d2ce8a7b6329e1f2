import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { layOut } from './cluster/support/images.ts'
import { presence } from './support/cli.ts'
import { freePort } from './support/free-port.ts'
import { folderOfFile } from './support/packages.ts'
import { until } from './support/until.ts'

const ROOT = join(import.meta.dirname, '..')
const isRoot = process.getuid?.() === 0
/** Whom the server runs as. */
const USER = 65_532
/** CI installs buildah, so that these tests can't be skipped there. */
const canBuild =
  isRoot && (process.env['CI'] !== undefined || spawnSync('buildah', ['--version']).status === 0)

describe.skipIf(!canBuild)('the Containerfile', () => {
  const folder = folderOfFile()
  const buildah = (...args: string[]) =>
    execFileSync(
      'buildah',
      [
        ...['root', 'runroot'].flatMap(name => [`--${name}`, join(folder, name)]),
        '--storage-driver=vfs',
        ...args,
      ],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: ROOT,
        env: { ...process.env, HOME: folder },
      },
    ).trim()
  const policy = ['--signature-policy', join(folder, 'policy.json')]

  /** A base made of programs of this machine, because the tests use no registry of images. */
  beforeAll(() => {
    writeFileSync(join(folder, 'policy.json'), '{ "default": [{ "type": "insecureAcceptAnything" }] }')
    const root = join(folder, 'base')
    layOut({ name: 'base', programs: ['/bin/busybox', join(ROOT, 'node_modules/node/bin/node')] }, root)
    for (const name of ['sh', 'find', 'mkdir', 'readlink'])
      copyFileSync('/bin/busybox', join(root, 'bin', name))
    chmodSync(join(root, 'tmp'), 0o1777)
    mkdirSync(join(root, 'dev'))
    execFileSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3'])
    const base = buildah('from', 'scratch')
    buildah('copy', base, root, '/')
    buildah('config', '--env', 'PATH=/usr/local/bin:/bin', base)
    buildah('commit', ...policy, base, 'localhost/base')
  })

  /** Builds a target on the base; its settings, and its files as a folder. */
  const build = (target: string) => {
    const image = `localhost/${target}`
    buildah(
      ...['build', '--file', 'Containerfile', '--target', target, '--build-arg', 'BASE=localhost/base'],
      ...['--pull=never', '--isolation=chroot', '--tag', image, ...policy, '.'],
    )
    const { OCIv1 } = JSON.parse(buildah('inspect', '--type', 'image', image))
    const container = buildah('from', '--pull=never', ...policy, image)
    return { config: OCIv1.config, root: buildah('mount', container) }
  }

  it('adds the command to the image of an agent, and nothing else', () => {
    const { config, root } = build('agent')
    const inside = (line: string) =>
      execFileSync('/usr/sbin/chroot', [root, '/bin/sh', '-c', line], {
        encoding: 'utf8',
        env: { PATH: '/usr/local/bin:/bin', HOME: '/tmp', PRESENCE_SESSION_ID: 'job-7' },
      })
    expect(inside('presence claim node:k8s-1 --purpose drain && presence list')).toContain('job-7')
    expect(
      inside('presence init --hooks claude-code --user && find /tmp/.claude -name settings.json'),
    ).toContain('/tmp/.claude/settings.json')
    expect(inside('find /usr')).toBe('/usr\n/usr/local\n/usr/local/bin\n/usr/local/bin/presence\n')
    expect(config).not.toHaveProperty('Entrypoint')
    expect(config).not.toHaveProperty('User')
  })

  it('makes an image that serves a board, not as root, to clients with a token', async () => {
    const { config, root } = build('server')
    expect(config).toMatchObject({ User: `${USER}:${USER}`, ExposedPorts: { '8787/tcp': {} } })
    const tokens = join(root, 'run/secrets/presence-tokens')
    mkdirSync(join(root, 'run/secrets'), { recursive: true })
    const added = await presence(['token', 'add', 'ana', '--file', tokens])
    chownSync(tokens, USER, USER)

    const [port, env] = [await freePort(), { PATH: '/bin', PRESENCE_DSN: 'sqlite:/tmp/board.db' }]
    const command = [...config.Entrypoint, ...config.Cmd, '--log', 'none', '--port', String(port)]
    const server = spawn('/usr/sbin/chroot', [`--userspec=${USER}:${USER}`, root, ...command], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(server, 'exit')
    try {
      const url = `http://127.0.0.1:${port}`
      await until('the server', async () => (await fetch(`${url}/health`)).ok)
      const dsn = {
        PRESENCE_DSN: url,
        PRESENCE_SESSION_ID: 'ana',
        PRESENCE_SERVER_TOKEN: added.stdout.trim(),
      }
      const claimed = await presence(['claim', 'node:k8s-1', '--purpose', 'drain'], { env: dsn })
      expect(claimed).toMatchObject({ status: 0, stderr: '' })
      const denied = await presence(['list'], { env: { ...dsn, PRESENCE_SERVER_TOKEN: 'wrong' } })
      expect(denied.status).toBe(2)
    } finally {
      server.kill()
      await ended
    }
  })
})
