import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

// The site that `npm run docs` builds from every Markdown file of the repository. The files keep their places, so
// that a link between two of them works here as it does in the repository.
const ROOT = dirname(dirname(import.meta.dirname))
const REFERENCE = 'docs/reference'

/** The anchors of GitHub, so that a link to a heading works in both places. */
const slugify = heading =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

const group = (text, ...pages) => ({
  text,
  collapsed: false,
  items: pages.map(([label, link]) => ({ text: label, link })),
})

export default {
  title: 'presence',
  description:
    'A shared board where coding agents, CI jobs and people say what infrastructure they are changing',
  srcDir: '..',
  srcExclude: ['**/dist/**', 'packages/core/core.api.md', '.worktrees/**'],
  outDir: '../dist/docs',
  cacheDir: '../node_modules/.presence/site',
  rewrites: { 'README.md': 'index.md' },
  metaChunk: true,
  vite: {
    publicDir: false,
    logLevel: 'warn',
    // The index of the search is one file.
    build: { chunkSizeWarningLimit: 2_000 },
  },
  // Braces in a heading are a path's parameters, not attributes.
  markdown: { anchor: { slugify }, attrs: { disable: true } },
  themeConfig: {
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Five minutes', link: '/docs/start' },
      { text: 'Command line', link: '/docs/cli' },
      ...reference()
        .slice(0, 1)
        .map(({ link }) => ({ text: 'Reference', link })),
      { text: 'Troubleshooting', link: '/docs/troubleshooting' },
    ],
    sidebar: [
      group(
        'Begin',
        ['What it is', '/'],
        ['Five minutes', '/docs/start'],
        ['Comparison', '/docs/comparison'],
        ['Glossary', '/docs/glossary'],
      ),
      group(
        'Use',
        ['Command line', '/docs/cli'],
        ['Agents', '/docs/agents'],
        ['Guard', '/docs/guard'],
        ['What the hooks do', '/packages/hooks/README'],
        ['Teams', '/docs/teams'],
        ['CI', '/docs/ci/README'],
        ['Several sessions in one repository', '/docs/coordination'],
        ['TypeScript', '/docs/typescript'],
        ['Troubleshooting', '/docs/troubleshooting'],
      ),
      group(
        'Run',
        ['Serving', '/docs/serve'],
        ['The coordination API', '/docs/coord-api'],
        ['Operators', '/docs/operators'],
        ['On Kubernetes', '/infra/README'],
        ['Upgrading', '/docs/upgrading'],
        ['Moving from a script', '/docs/moving'],
      ),
      ...(reference().length === 0 ? [] : [{ text: 'Reference', collapsed: true, items: reference() }]),
      group('Guarantees', ['What is guaranteed', '/SPEC'], ['Security', '/SECURITY']),
      {
        ...group(
          'Develop',
          ['Contributing', '/CONTRIBUTING'],
          ['How it is built', '/ARCHITECTURE'],
          ['Other ways through the code', '/docs/ways'],
          ['Decisions', '/docs/decisions'],
          ['Faults found', '/docs/robustness'],
          ['The history checker', '/packages/history/README'],
          ['The toolchain', '/toolchain/README'],
          ['How we write', '/docs/style'],
        ),
        collapsed: true,
      },
    ],
  },
}

/** The pages that are made from the code, by the first heading of each. */
function reference() {
  if (!existsSync(join(ROOT, REFERENCE))) return []
  return globSync([`${REFERENCE}/*.md`, `${REFERENCE}/library/{README,index}.md`], { cwd: ROOT })
    .toSorted((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))
    .map(file => ({
      text: /^# (.+)$/m.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1] ?? file,
      link: `/${file.replace(/\.md$/, '')}`,
    }))
}

/** The index comes first. */
function rank(file) {
  return file === `${REFERENCE}/index.md` ? 0 : 1
}
