import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchor } from '../build/reference/markdown.ts'
import { presence } from './support/cli.ts'
import { scratchFolder } from './support/scratch.ts'

const ROOT = join(import.meta.dirname, '..')
const FOLDER = join(ROOT, 'docs/reference')
const MAN = join(ROOT, 'packages/cli/man/presence.1')
const pages = readdirSync(FOLDER).filter(name => name.endsWith('.md'))
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
/** What is no code: prose, where a `<` begins HTML, and a `{` a template or attributes. */
const prose = (page: string) => page.replace(/^```[\s\S]*?^```$/gm, '').replace(/(`+)[^`][\s\S]*?\1/g, '')

function make(...args: string[]) {
  return spawnSync(process.execPath, [join(ROOT, 'build/reference/main.ts'), ...args], { encoding: 'utf8' })
}

describe('the reference', () => {
  it('describes every command and option that --help prints', async () => {
    const page = read('command-line.md')
    const man = readFileSync(MAN, 'utf8').replaceAll('\\-', '-')
    const check = async (words: readonly string[]) => {
      const { stdout } = await presence([...words, '--help'])
      const own = stdout.split(/^(?:Global Options|Labels|Example):?/m)[0] ?? ''
      const section = words.length === 0 ? page : sectionOf(page, `presence ${words.join(' ')}`)
      for (const [, option = ''] of own.matchAll(/^ {2}(--[a-z-]+)/gm))
        if (option !== '--help') {
          expect(section, [...words, option].join(' ')).toContain(`\`${option}`)
          expect(man).toContain(`\\fB${option}`)
        }
      const [, commands = ''] = own.split(/^Commands:\n/m)
      const verbs = [...commands.matchAll(/^ {2}([a-z]+)/gm)].map(([, verb = '']) => verb)
      for (const verb of verbs) if (verb !== 'help') await check([...words, verb])
      return verbs.length
    }
    expect(await check([])).toBeGreaterThan(25)
  })

  it('is out of date after a change, and the check says which page', () => {
    const folder = scratchFolder()
    expect(make(folder)).toMatchObject({ status: 0, stderr: '' })
    expect(make('--check', folder)).toMatchObject({ status: 0, stderr: '' })
    appendFileSync(join(folder, 'docs/reference/config.md'), 'more')
    expect(make('--check', folder)).toMatchObject({
      status: 1,
      stderr: 'presence: out of date: docs/reference/config.md; to update them: npm run docs:reference\n',
    })
  })

  it.each(pages)('%s is plain Markdown, without HTML and templates', name => {
    const text = prose(read(name)).replace(/^<!-- Made from .* -->$/m, '')
    expect(text.match(/(?<!\\)<.*|\{.*/g) ?? []).toEqual([])
  })

  it.each(pages)('%s links to pages and headings that exist', name => {
    for (const [, file = '', heading] of prose(read(name)).matchAll(/\]\(([^)#]*)(?:#([^)]+))?\)/g)) {
      if (file.startsWith('library/')) continue
      const page = file === '' ? name : file
      expect(pages, page).toContain(page)
      const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, words = '']) => anchor(words))
      if (heading !== undefined) expect(headings).toContain(heading)
    }
  })
})

function sectionOf(page: string, heading: string): string {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  return section.split('\n## ')[0] ?? ''
}

const groff = ['/usr/bin/groff', '/usr/local/bin/groff', '/opt/homebrew/bin/groff'].find(path =>
  existsSync(path),
)

describe.skipIf(groff === undefined && process.env['CI'] === undefined)('the man page', () => {
  it.each(['60', '80', '120'])('is formatted for %s columns without a warning', columns => {
    const args = ['-man', '-ww', '-Tutf8', `-rLL=${columns}n`, MAN]
    const { status, stderr, stdout } = spawnSync(groff ?? 'groff', args, { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('presence claim')
  })

  it('is part of the package, so that man finds it', () => {
    const { man, files } = JSON.parse(readFileSync(join(ROOT, 'packages/cli/package.json'), 'utf8')) as {
      man: string
      files: string[]
    }
    expect(join(ROOT, 'packages/cli', man)).toBe(MAN)
    expect(files).toContain('man')
    expect(existsSync(MAN)).toBe(true)
  })
})
