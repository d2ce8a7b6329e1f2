import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isPrivateGroup } from './private-group.ts'
import { othersDeciding } from './writers.ts'

const isRoot = process.geteuid?.() === 0
const ME = process.geteuid?.() ?? -1
const NOBODY = 65_534
const STRANGER = 12_345
/** A group that no file on this machine names, and that isn't this user's. */
const TEAM = 54_321

/** A project with a config file, in a folder that everybody may enter. */
function newProject() {
  const root = mkdtempSync(join(tmpdir(), 'presence-writers-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  chmodSync(root, 0o755)
  const base = join(root, 'project')
  const [folder, path] = [join(base, '.presence'), join(base, '.presence/config.json')]
  put(path)
  return { root, base, folder, path, others: () => othersDeciding(path, base, statSync(path)) }
}

function put(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  writeFileSync(path, '{}', { mode: 0o644 })
}

type Project = ReturnType<typeof newProject>
type Case = readonly [what: string, others: RegExp | undefined, change: (project: Project) => void]

function link(target: string, path: string): void {
  rmSync(path, { recursive: true, force: true })
  symlinkSync(target, path)
}

const OWN: readonly Case[] = [
  ['is this user’s, in folders of this user', undefined, () => {}],
  ['may be written by every user', /other users may write to it/, ({ path }) => chmodSync(path, 0o666)],
  [
    'is in a .presence folder that every user may write to',
    /its folder .*\.presence/,
    ({ folder }) => chmodSync(folder, 0o777),
  ],
  [
    'is in a project that every user may write to',
    /its folder .*project$/,
    ({ base }) => chmodSync(base, 0o777),
  ],
  [
    'is in a sticky project that every user may write to, as in /tmp',
    undefined,
    ({ base }) => chmodSync(base, 0o1777),
  ],
  ['is in a sticky .presence folder', undefined, ({ folder }) => chmodSync(folder, 0o1777)],
  ['is below a folder that every user may write to', undefined, ({ root }) => chmodSync(root, 0o777)],
  ['is below a sticky folder', undefined, ({ root }) => chmodSync(root, 0o1777)],
  [
    'is a link to a file of this user',
    undefined,
    ({ root, path }) => {
      put(join(root, 'shared.json'))
      link('../../shared.json', path)
    },
  ],
  [
    'is a link to a file that every user may write to',
    /may write to it/,
    ({ root, path }) => {
      put(join(root, 'open.json'))
      chmodSync(join(root, 'open.json'), 0o666)
      link(join(root, 'open.json'), path)
    },
  ],
  [
    'is a link into a folder that every user may write to',
    /its folder .*open/,
    ({ root, path }) => {
      put(join(root, 'open/c.json'))
      chmodSync(join(root, 'open'), 0o777)
      link(join(root, 'open/c.json'), path)
    },
  ],
  [
    'is a link over a link in a folder that every user may write to',
    /its folder .*open/,
    ({ root, path }) => {
      put(join(root, 'c.json'))
      mkdirSync(join(root, 'open'))
      symlinkSync('../c.json', join(root, 'open/link'))
      chmodSync(join(root, 'open'), 0o777)
      link(join(root, 'open/link'), path)
    },
  ],
  [
    'is in a .presence that is a link into such a folder',
    /its folder .*open/,
    ({ root, folder }) => {
      put(join(root, 'open/p/config.json'))
      chmodSync(join(root, 'open'), 0o777)
      link(join(root, 'open/p'), folder)
    },
  ],
]

/** These need another owner, so a test can make them only as root. */
const OTHERS: readonly Case[] = [
  ['belongs to another user', /another user \(user id 12345\)/, ({ path }) => chownSync(path, STRANGER, ME)],
  [
    'belongs to nobody, as on a mount without owners',
    /user id 65534/,
    ({ path }) => chownSync(path, NOBODY, NOBODY),
  ],
  [
    'is in a .presence folder of another user',
    /its folder .*\.presence belongs to another user/,
    ({ folder }) => chownSync(folder, STRANGER, ME),
  ],
  [
    'is in a project of another user',
    /its folder .*project belongs to another user/,
    ({ base }) => chownSync(base, STRANGER, ME),
  ],
  [
    'is in a sticky project, in a .presence folder of another user',
    /its folder .*project$/,
    ({ base, folder }) => {
      chmodSync(base, 0o1777)
      chownSync(folder, STRANGER, ME)
    },
  ],
  ['is below a folder of another user', undefined, ({ root }) => chownSync(root, STRANGER, ME)],
  [
    'may be written by a group',
    /other users may write to it/,
    ({ path }) => {
      chownSync(path, ME, TEAM)
      chmodSync(path, 0o664)
    },
  ],
  [
    'is in a setgid checkout of a group',
    /its folder .*project$/,
    ({ base }) => {
      chownSync(base, ME, TEAM)
      chmodSync(base, 0o2775)
    },
  ],
  [
    'belongs to a group that may only read',
    undefined,
    ({ base, path }) => {
      for (const each of [base, path]) chownSync(each, ME, TEAM)
    },
  ],
  [
    'is a link to a file of another user',
    /another user \(user id 12345\)/,
    ({ root, path }) => {
      put(join(root, 'theirs.json'))
      chownSync(join(root, 'theirs.json'), STRANGER, STRANGER)
      link(join(root, 'theirs.json'), path)
    },
  ],
  [
    'is a link of another user in a sticky folder',
    /its folder .*\.presence$/,
    ({ root, folder, path }) => {
      put(join(root, 'mine.json'))
      link(join(root, 'mine.json'), path)
      lchownSync(path, STRANGER, STRANGER)
      chmodSync(folder, 0o1777)
    },
  ],
]

describe('a config file needs trust, or not, if it', () => {
  it.each(OWN)('%s (%s)', (_, others, change) => {
    const project = newProject()
    change(project)
    if (others === undefined) expect(project.others()).toBeUndefined()
    else expect(project.others()).toMatch(others)
  })

  it.skipIf(!isRoot).each(OTHERS)('%s (%s)', (_, others, change) => {
    const project = newProject()
    change(project)
    if (others === undefined) expect(project.others()).toBeUndefined()
    else expect(project.others()).toMatch(others)
  })

  it.skipIf(!isRoot)('is root’s, for another user, and another user’s, for root', () => {
    const { base, folder, path } = newProject()
    const as = (uid: number) => {
      const before = process.geteuid?.() ?? 0
      process.seteuid?.(uid)
      try {
        return othersDeciding(path, base, statSync(path))
      } finally {
        process.seteuid?.(before)
      }
    }
    expect(as(STRANGER), 'root counts as oneself').toBeUndefined()
    for (const each of [base, folder, path]) chownSync(each, STRANGER, STRANGER)
    expect(as(STRANGER)).toBeUndefined()
    expect(as(0), 'sudo presence in a user’s checkout').toMatch(/user id 12345/)
    expect(as(STRANGER + 1)).toMatch(/user id 12345/)
  })
})

describe('a group that may write', () => {
  it('counts as nobody else only if it is the user’s own', () => {
    expect(isPrivateGroup(STRANGER, STRANGER), 'the group with the user’s number').toBe(true)
    expect(isPrivateGroup(TEAM, STRANGER)).toBe(false)
    expect(isPrivateGroup(0, 0)).toBe(true)
    expect(isPrivateGroup(NOBODY, 1), 'the first group of others').toBe(false)
  })
})
