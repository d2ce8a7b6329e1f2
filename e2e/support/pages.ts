import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** Every page of the documentation: paths from the root of the repository. */
export const PAGES = globSync(['*.md', 'docs/**/*.md', '{packages/*,infra,toolchain}/README.md'], {
  cwd: ROOT,
})
  .filter(page => !page.includes('node_modules'))
  .toSorted()

/** The text of a page. */
export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

/** The code blocks of a page that are marked with a language. */
export function blocksOf(page: string, language: string): string[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\n([^]*?)^\\1\`\`\``, 'gm')
  return [...textOf(page).matchAll(fence)].map(match => match[2] ?? '')
}

/** The words of a command line, without its comment. */
export function wordsOf(line: string): string[] {
  return [...line.replace(/\s+#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    match => match[1] ?? match[2] ?? '',
  )
}

/** The commands of presence in a page's shell blocks, each as its arguments. */
export function commandsOf(page: string): string[][] {
  return blocksOf(page, 'sh')
    .flatMap(block => block.split('\n'))
    .filter(line => line.startsWith('presence '))
    .map(line => wordsOf(line).slice(1))
}
