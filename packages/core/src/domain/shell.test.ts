import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { inQuotes, shellWord } from './shell.ts'

it.each(['/srv/shop', "/srv/it's mine/x", '$(id) `id` $HOME', '*', 'a\nb', '', 'über'])(
  'a shell reads %j as one word, unchanged',
  text => {
    for (const word of [inQuotes(text), shellWord(text)])
      expect(execFileSync('sh', ['-c', `printf '<%s>' ${word}`], { encoding: 'utf8' })).toBe(`<${text}>`)
  },
)

it('a plain path is shown without quotes', () => {
  expect(shellWord('/srv/shop/.worktrees/dns')).toBe('/srv/shop/.worktrees/dns')
})
