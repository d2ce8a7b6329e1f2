import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { pages } from './pages.ts'

// Writes the pages that are made from the code, into the checkout or the given folder. With --check it only says which
// of them are out of date.
const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })
const [folder = join(import.meta.dirname, '../..')] = positionals
const old = [...(await pages())].filter(([path, text]) => textOf(path) !== text)
if (values.check && old.length > 0) {
  const paths = old.map(([path]) => path).join(', ')
  console.error(`presence: out of date: ${paths}; to update them: npm run docs:reference`)
  process.exitCode = 1
}
if (!values.check)
  for (const [path, text] of old) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }

function textOf(path: string): string | undefined {
  try {
    return readFileSync(join(folder, path), 'utf8')
  } catch {
    return undefined
  }
}
