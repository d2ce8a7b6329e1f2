import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { npmProgram } from '../toolchain/npm.mjs'
import { LIBRARY_PAGES } from './api-tools.mjs'
import { NODE, ROOT } from './setup.mjs'

// `npm run docs`: builds the documentation as a site in dist/docs, or in the folder that is given. The site needs no
// network, neither to be built once VitePress is in the cache, nor to be read.
const out = resolve(process.argv[2] ?? join(ROOT, 'dist/docs'))
// The pages of the library are not in the repository.
const [program, ...args] = LIBRARY_PAGES
spawnSync(NODE, [join(ROOT, program), ...args], { cwd: ROOT, stdio: 'inherit' })
const vitepress = npmProgram('vitepress', line => console.error(`presence: ${line}`))
const { status } = spawnSync(NODE, [vitepress, 'build', 'docs', '--outDir', out], {
  cwd: ROOT,
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)

// Files that pages link to and that are no pages, such as the pipelines of docs/ci.
for (const page of readdirSync(out, { recursive: true }).filter(name => name.endsWith('.html')))
  for (const [, href] of readFileSync(join(out, page), 'utf8').matchAll(
    / href="([^"#:?]+\.(?:yml|yaml|json|ts))"/g,
  )) {
    const file = relative(out, resolve(out, dirname(page), href))
    mkdirSync(dirname(join(out, file)), { recursive: true })
    copyFileSync(join(ROOT, file), join(out, file))
  }
console.log(`presence: the documentation is in ${relative(process.cwd(), out) || '.'}/index.html`)
