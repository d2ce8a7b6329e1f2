import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasNpmProgram } from '../toolchain/npm.mjs'
import { run } from './support/cli.ts'
import { PAGES, ROOT, textOf } from './support/pages.ts'
import { scratchFolder } from './support/scratch.ts'

const withoutCode = (text: string) => text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '')

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...withoutCode(textOf(page)).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
  return new Set(headings)
}

describe('the pages of the documentation', () => {
  it.each(PAGES)('link to files and headings that exist: %s', page => {
    const text = withoutCode(textOf(page)).replaceAll(/`[^`\n]*`/g, '')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [file = '', anchor] = target.split('#')
      const path = file === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), file))
      // Made by `npm run docs`, and checked with the site.
      if (path.startsWith('docs/reference/library')) continue
      expect(existsSync(join(ROOT, path)), target).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(path), target).toContain(anchor)
    }
  })

  it('are all reached from the README, over links', () => {
    const reached = new Set(['README.md'])
    // The pages of the library are made when the site is built.
    for (const page of reached)
      for (const [, target = ''] of textOf(page).matchAll(/\]\(((?!https?:|library\/)[^)#]+\.md)/g))
        reached.add(relative(ROOT, resolve(ROOT, dirname(page), target)))
    const pages = PAGES.filter(page => page.startsWith('docs/') && !page.startsWith('docs/reference/'))
    expect(pages.filter(page => !reached.has(page))).toEqual([])
  })
})

/** Fetched from npm in CI, and elsewhere if it is already there. */
const canBuild = process.env['CI'] !== undefined || hasNpmProgram('vitepress')

describe.skipIf(!canBuild)('the site that npm run docs builds', () => {
  it('has every page, and no link of it leads nowhere', async () => {
    const site = join(scratchFolder(), 'site')
    const { PATH, HOME } = process.env
    const script = join(ROOT, 'scripts/docs.mjs')
    const built = await run(process.execPath, [script, site], {
      env: { PATH, HOME },
      cwd: ROOT,
      within: 120_000,
    })
    expect(built, built.stderr).toMatchObject({ status: 0 })

    const files = globSync('**/*.html', { cwd: site })
    const html = new Map(files.map(file => [file, readFileSync(join(site, file), 'utf8')]))
    const ids = new Map([...html].map(([file, text]) => [file, new Set(text.match(/(?<= id=")[^"]+/g))]))
    for (const page of PAGES.filter(name => name.startsWith('docs/')))
      expect(files).toContain(page.replace(/\.md$/, '.html'))
    const broken = [...html].flatMap(([file, text]) =>
      [...text.matchAll(/ (?:href|src)="([^"]+)"/g)].flatMap(([, link = '']) =>
        isBroken(link, file, site, ids) ? [`${file}: ${link}`] : [],
      ),
    )
    expect([...new Set(broken)]).toEqual([])
    // Nothing is loaded from another host.
    const loads = [...html.values()].flatMap(
      text => text.match(/<(?:script|link|img)[^>]*(?:src|href)="https?:[^>]*>/g) ?? [],
    )
    expect(loads).toEqual([])
  })
})

function isBroken(
  link: string,
  from: string,
  site: string,
  ids: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  if (/^(https?|data|mailto):/.test(link)) return false
  const [path = '', anchor] = decodeURI(link.replaceAll('&amp;', '&')).split('#')
  const file =
    path === ''
      ? from
      : relative(site, path.startsWith('/') ? join(site, path) : resolve(site, dirname(from), path))
  const found = [file, `${file}.html`, join(file, 'index.html')].find(
    name => existsSync(join(site, name)) && /\.\w+$/.test(name),
  )
  if (found === undefined) return true
  return anchor !== undefined && anchor !== '' && ids.has(found) && !ids.get(found)?.has(anchor)
}
