import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { layOut } from './cluster/support/images.ts'
import { answered } from './support/answered.ts'
import { presenceOn } from './support/cli.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const ROOT = join(import.meta.dirname, '..')
const ONE_FILE = join(ROOT, 'dist/presence')
const isRoot = process.getuid?.() === 0

let root: string
beforeEach(() => {
  root = scratchFolder()
})

/** The root of an image: a shell, Node, and presence as the single file that is copied. */
function bake(): void {
  layOut({ name: 'agent', programs: ['/bin/busybox', join(ROOT, 'node_modules/node/bin/node')] }, root)
  for (const name of ['sh', 'find', 'mkdir']) copyFileSync('/bin/busybox', join(root, 'bin', name))
  mkdirSync(join(root, 'dev'))
  execFileSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3'])
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true })
  mkdirSync(join(root, 'root'))
  copyFileSync(ONE_FILE, join(root, 'usr/local/bin/presence'))
}

/** Runs a command line inside, with PATH, HOME and the given variables in its environment. */
function inside(line: string, env: Readonly<Record<string, string>> = {}, input = ''): string {
  return execFileSync('/usr/sbin/chroot', [root, '/bin/sh', '-c', line], {
    encoding: 'utf8',
    input,
    env: { PATH: '/usr/local/bin:/bin', HOME: '/root', ...env },
  })
}

describe.skipIf(!isRoot)('an image with presence as a single file, and one variable', () => {
  describeEachEngine('for a board', engine => {
    it('makes claims, is seen outside, and has hooks that answer', async () => {
      bake()
      const { dsn } = await newBoardOn(engine.port)
      const variable = { PRESENCE_DSN: dsn }
      await presenceOn(dsn, 'ana')('claim', 'db:orders', '--purpose', 'migrate')

      const claimed = inside('presence claim db:orders --purpose "nightly copy" --session job-7', variable)
      expect(claimed).toContain('ALSO CLAIMED BY')
      expect((await presenceOn(dsn, 'ana')('list')).stdout).toContain('nightly copy')

      inside('presence init --hooks claude-code --user')
      const settings = JSON.parse(readFileSync(join(root, 'root/.claude/settings.json'), 'utf8'))
      const [group] = settings.hooks.UserPromptSubmit
      let tries = 0
      const said = await answered(async () => {
        const event = { session_id: 'job-8', cwd: '/root', prompt_id: tries++ }
        return inside(group.hooks[0].command, variable, JSON.stringify(event))
      })
      expect(JSON.parse(said).hookSpecificOutput.additionalContext).toContain('"migrate" by ana')
    })
  })

  it('reports that Node is missing, and does not block the agent', () => {
    bake()
    expect(inside('PATH=/usr/local/bin; presence list 2>&1; echo $?')).toBe(
      'presence: there is no node on PATH; install Node 22.16 or newer\n2\n',
    )
    expect(inside('PATH=/usr/local/bin; presence hook SessionStart 2>/dev/null; echo $?')).toMatch(
      /additionalContext.*there is no node on PATH.*\n0\n$/,
    )
  })

  it('reports that a Node is too old, and its version', () => {
    bake()
    const old = 'Object.defineProperty(process.versions, "node", { value: "20.19.0" })'
    writeFileSync(join(root, 'old.cjs'), old)
    mkdirSync(join(root, 'old'))
    writeFileSync(join(root, 'old/node'), '#!/bin/sh\nexec /bin/node --require /old.cjs "$@"\n', {
      mode: 0o755,
    })
    const said = inside('PATH=/old:$PATH; presence list 2>&1; echo $?')
    expect(said).toBe('presence: Node 20.19.0 is too old; install Node 22.16 or newer\n2\n')
  })
})
