import { describe, expect, it } from 'vitest'
import type { Place } from './session.ts'
import { whereIs, whereWords } from './where.ts'

const me = {
  host: 'laptop',
  place: { repo: 'github.com/acme/infra', branch: 'main', worktree: '/src/infra' },
}

function wordsFor(
  place: Place | undefined,
  { host = 'laptop', from = me }: { host?: string; from?: object } = {},
) {
  const session = { id: 'ben', user: 'ben', host, agent: 'cli', ...(place ? { place } : {}) }
  const where = whereIs(session, { host: 'laptop', ...from })
  return where && whereWords(where, text => `<${text}>`)
}

describe('the place where a session works is described', () => {
  it.each<[string, Place, string]>([
    ['in my worktree', { ...me.place, branch: 'other' }, 'in your worktree'],
    [
      'in another worktree, that its branch names',
      { ...me.place, branch: 'agent/dns/active', worktree: '/src/infra/.worktrees/dns' },
      'on branch <agent/dns/active> of your repository',
    ],
    [
      'in another worktree, that nothing else names',
      { ...me.place, branch: 'feat', worktree: '/src/second' },
      'on branch <feat> of your repository, worktree <second>',
    ],
    ['on no branch of my repository', { repo: me.place.repo, worktree: '/x/infra' }, 'in your repository'],
    [
      'in another repository',
      { repo: 'github.com/acme/web', branch: 'main', worktree: 'C:\\src\\web' },
      'on branch <main> of repository <github.com/acme/web>',
    ],
    ['in another repository, on no branch', { repo: 'web' }, 'in repository <web>'],
  ])('%s', (_, place, said) => expect(wordsFor(place)).toBe(said))

  it('as another worktree if the host differs, whatever its path', () => {
    expect(wordsFor(me.place, { host: 'server' })).toBe('on branch <main> of your repository')
  })

  it('in full if the reader is in no repository', () => {
    expect(wordsFor(me.place, { from: { place: { worktree: '/src/infra' } } })).toBe(
      'on branch <main> of repository <github.com/acme/infra>',
    )
  })

  it('not at all if its repository is unknown', () => {
    for (const place of [undefined, {}, { worktree: '/home/ben' }]) expect(wordsFor(place)).toBeUndefined()
  })
})
