import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { resolveBoard } from './board.ts'
import { readConfigs } from './file.ts'
import { inMainWorktree } from './linked-worktree.ts'

const isRoot = process.geteuid?.() === 0
const STRANGER = 12_345

const CONFIG = '.presence/config.json'

/** Works in a folder of its own; paths are relative to it. */
function newFolder() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'presence-worktree-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const env = { XDG_CONFIG_HOME: join(root, 'xdg'), XDG_STATE_HOME: join(root, 'state') }
  const at = (path: string) => join(root, path)
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always', ...args],
      // A setting of the machine, or of a git hook that runs the tests, changes nothing.
      { cwd: root, env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' }, stdio: 'pipe' },
    )
  const file = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), text)
  }
  return {
    at,
    git,
    file,
    env,
    folder: (path: string) => mkdirSync(at(path), { recursive: true }),
    repository: (path: string) => {
      git('init', '--quiet', path)
      git('-C', path, 'commit', '--quiet', '--allow-empty', '--message', 'first')
    },
    config: (path: string, dsn = 'sqlite:team.db') => file(join(path, CONFIG), JSON.stringify({ dsn })),
    /** The config file that applies in a folder, and the board. */
    async from(path: string, more: Readonly<Record<string, string>> = {}) {
      const { dsn, from, skipped } = await resolveBoard(undefined, { ...env, ...more }, at(path))
      const [applied] = readConfigs(at(path), env).files
      return {
        board: dsn.scheme === 'sqlite' ? dsn.file : undefined,
        from,
        worktree: applied?.worktree,
        skipped: skipped.map(each => each.message),
      }
    },
  }
}
type Folder = ReturnType<typeof newFolder>

function mainWithWorktree(f: Folder, worktree = 'wt') {
  f.repository('main')
  f.git('-C', 'main', 'worktree', 'add', '--quiet', f.at(worktree))
}

describe('H7: a linked worktree without a config file', () => {
  it.each<[what: string, cwd: string, config: string, make: (f: Folder) => void]>([
    ['beside the main one', 'wt', 'main', f => mainWithWorktree(f)],
    ['in a folder of it', 'wt/src/deep', 'main', f => mainWithWorktree(f)],
    ['with a file in the same folder of the main one', 'wt/app/src', 'main/app', f => mainWithWorktree(f)],
    [
      'with a file above the main one',
      'other/wt',
      'all',
      f => {
        f.repository('all/main')
        f.git('-C', 'all/main', 'worktree', 'add', '--quiet', f.at('other/wt'))
      },
    ],
    [
      'with relative paths in git’s files',
      'wt',
      'main',
      f => {
        mainWithWorktree(f)
        f.file('wt/.git', 'gitdir: ../main/.git/worktrees/wt\n')
      },
    ],
    [
      'of a submodule',
      'wt',
      'super/sub',
      f => {
        f.repository('library')
        f.repository('super')
        f.git('-C', 'super', 'submodule', '--quiet', 'add', f.at('library'), 'sub')
        f.git('-C', 'super/sub', 'worktree', 'add', '--quiet', f.at('wt'))
      },
    ],
    [
      'that contains a submodule',
      'wt/sub',
      'main',
      f => {
        f.repository('library')
        f.repository('main')
        f.git('-C', 'main', 'submodule', '--quiet', 'add', f.at('library'), 'sub')
        f.git('-C', 'main', 'commit', '--quiet', '--message', 'sub')
        f.git('-C', 'main', 'worktree', 'add', '--quiet', f.at('wt'))
        f.git('-C', 'wt', 'submodule', '--quiet', 'update', '--init')
      },
    ],
    [
      'that contains another repository',
      'wt/vendor/tool',
      'main',
      f => {
        mainWithWorktree(f)
        f.repository('wt/vendor/tool')
      },
    ],
    [
      'beside a bare repository in .git',
      'wt',
      'main',
      f => {
        mainWithWorktree(f)
        f.git('-C', 'main', 'config', 'core.bare', 'true')
      },
    ],
  ])('uses the main worktree’s, %s', async (_, cwd, config, make) => {
    const f = newFolder()
    make(f)
    f.folder(cwd)
    f.config(config)
    const worktree = f.at(cwd.startsWith('other') ? 'other/wt' : 'wt')
    const found = { board: f.at(join(config, 'team.db')), from: f.at(join(config, CONFIG)) }
    expect(await f.from(cwd)).toEqual({ ...found, worktree, skipped: [] })
    // What git sets for its own hooks, and others for single commands, decides nothing.
    expect(await f.from(cwd, { GIT_DIR: f.at('gone'), GIT_WORK_TREE: f.at('gone') })).toMatchObject(found)
  })

  it.each<[what: string, cwd: string, config: string | undefined, make: (f: Folder) => void]>([
    ['its own file', 'wt', 'wt', f => mainWithWorktree(f)],
    [
      'the file of a folder above it',
      'main/.worktrees/backend',
      'main',
      f => mainWithWorktree(f, 'main/.worktrees/backend'),
    ],
    [
      'no file of a bare repository',
      'wt',
      undefined,
      f => {
        f.repository('origin')
        f.git('clone', '--quiet', '--bare', 'origin', 'bare.git')
        f.config('bare.git')
        f.git('-C', 'bare.git', 'worktree', 'add', '--quiet', f.at('wt'), 'HEAD')
      },
    ],
    [
      'no file of a repository whose folder git keeps elsewhere',
      'clone',
      undefined,
      f => {
        f.config('elsewhere')
        f.git('init', '--quiet', '--separate-git-dir', 'elsewhere/.git', 'clone')
      },
    ],
  ])('uses %s instead', async (_, cwd, config, make) => {
    const f = newFolder()
    make(f)
    if (config !== undefined) f.config(config)
    const from = config === undefined ? 'embedded' : f.at(join(config, CONFIG))
    expect(await f.from(cwd)).toMatchObject({ from, worktree: undefined, skipped: [] })
  })

  it.each<[what: string, lose: (f: Folder) => void]>([
    ['was deleted', f => rmSync(f.at('main'), { recursive: true })],
    ['was moved', f => renameSync(f.at('main'), f.at('moved'))],
    ['is named wrongly', f => f.file('wt/.git', 'gitdir: /no/such/folder\n')],
  ])('says that it is unknown whether there is one, if the main worktree %s', async (_, lose) => {
    const f = newFolder()
    mainWithWorktree(f)
    f.config('main')
    lose(f)
    expect(await f.from('wt')).toMatchObject({
      from: 'embedded',
      skipped: [
        expect.stringMatching(
          /^the repository of .*\/wt is not where its \.git says, so it is unknown whether/,
        ),
      ],
    })
    // A board that is named leaves nothing to say.
    expect(await f.from('wt', { PRESENCE_DSN: 'sqlite:/b.db' })).toMatchObject({ skipped: [] })
  })

  it.each(['', 'gitdir:', 'gitdir: \n', 'nonsense', 'gitdir: .\n', `gitdir: ${'x'.repeat(100_000)}\n`])(
    'is no reason to fail if git’s file contains %j',
    async text => {
      const f = newFolder()
      f.file('wt/.git', text)
      expect(await f.from('wt')).toMatchObject({ from: 'embedded' })
    },
  )
})

/** Folders that anybody can make, for example in an archive, and that name the repository `main`. */
const FORGED: readonly (readonly [what: string, make: (f: Folder) => void])[] = [
  [
    'a folder .git that names a shared part',
    f => {
      f.file('evil/.git/commondir', '../../main/.git\n')
      f.file('evil/.git/gitdir', '../.git\n')
    },
  ],
  [
    'a folder .git that is inside of the repository’s by a link',
    f => {
      f.git('-C', 'main', 'worktree', 'add', '--quiet', f.at('wt'))
      f.folder('evil')
      symlinkSync(f.at('main/.git/worktrees/wt'), f.at('evil/.git'))
    },
  ],
  [
    'a file .git that names a folder of its own',
    f => {
      f.file('evil/.git', 'gitdir: part\n')
      f.file('evil/part/commondir', '../../main/.git\n')
      f.file('evil/part/gitdir', '../.git\n')
    },
  ],
  [
    'a file .git that names another worktree’s part',
    f => {
      f.git('-C', 'main', 'worktree', 'add', '--quiet', f.at('wt'))
      f.file('evil/.git', `gitdir: ${f.at('main/.git/worktrees/wt')}\n`)
    },
  ],
  [
    'a whole repository that names the other’s worktree',
    f => {
      f.repository('evil/repository')
      f.git('-C', 'evil/repository', 'worktree', 'add', '--quiet', f.at('evil/wt'))
      f.git('-C', 'evil/repository', 'config', 'core.worktree', f.at('main'))
      renameSync(f.at('evil/wt/.git'), f.at('evil/.git'))
      f.file('evil/repository/.git/worktrees/wt/gitdir', `${f.at('evil/.git')}\n`)
    },
  ],
]

describe('a folder that only says that it is a linked worktree', () => {
  it.each(FORGED)('gets neither the config file nor the trust of the repository, by %s', async (_, make) => {
    const f = newFolder()
    f.repository('main')
    f.config('main')
    make(f)
    expect(await f.from('evil')).toMatchObject({ from: 'embedded' })
    expect(inMainWorktree(f.at('evil'))).toBeUndefined()
  })

  it('is told that the repository does not name it', async () => {
    const f = newFolder()
    mainWithWorktree(f)
    f.config('main')
    renameSync(f.at('wt'), f.at('moved'))
    const { from, skipped } = await f.from('moved')
    expect(from).toBe('embedded')
    expect(skipped).toEqual([expect.stringMatching(/repository of .*moved does not name it/)])
    f.git('-C', 'moved', 'worktree', 'repair')
    expect(await f.from('moved')).toMatchObject({ from: f.at(join('main', CONFIG)), skipped: [] })
  })

  it.skipIf(!isRoot).each(['wt/.git', 'main/.git', 'main/.git/worktrees/wt'])(
    'because of another user, who owns %s, gets the config file only if it is trusted',
    async path => {
      const f = newFolder()
      mainWithWorktree(f)
      f.config('main')
      expect(await f.from('wt')).toMatchObject({ from: f.at(join('main', CONFIG)) })
      chownSync(f.at(path), STRANGER, STRANGER)
      await expect(f.from('wt')).rejects.toMatchObject({
        code: 'untrusted',
        message: expect.stringContaining(`${f.at(path)} belongs to another user (user id 12345)`),
      })
      expect(inMainWorktree(f.at('wt'))).toBeUndefined()
    },
  )

  it.skipIf(!isRoot)('is another thing than a real one of root’s repository, for another user', () => {
    const f = newFolder()
    mainWithWorktree(f)
    chmodSync(f.at('.'), 0o755)
    process.seteuid?.(STRANGER)
    try {
      expect(inMainWorktree(f.at('wt'))).toBe(f.at('main'))
    } finally {
      process.seteuid?.(0)
    }
  })
})
