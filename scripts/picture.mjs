import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, setUp } from './setup.mjs'

// `node scripts/picture.mjs`: draws docs/co-claim.svg from the command's real output.
setUp()
const folder = mkdtempSync(join(tmpdir(), 'presence-picture-'))
const LINE_PX = 19
const COLUMN_PX = 7.8

function as(session, ...args) {
  const env = {
    PATH: process.env.PATH,
    PRESENCE_DSN: `sqlite:${folder}/board.db`,
    PRESENCE_SESSION_ID: session,
  }
  return execFileSync(join(ROOT, 'packages/cli/bin/presence'), args, { env, encoding: 'utf8' })
    .trimEnd()
    .split('\n')
}

as('ana@laptop', 'claim', 'node:k8s-1', '--purpose', 'drain for the kernel upgrade')
const lines = [
  '$ presence claim node:k8s-1 --purpose "restart the hung kubelet"',
  ...as('agent-7', 'claim', 'node:k8s-1', '--purpose', 'restart the hung kubelet'),
  '$ presence list',
  ...as('agent-7', 'list'),
].map(line => line.replaceAll(/\([^()@]+@[^()@]+\)/g, '(ana@laptop)'))
rmSync(folder, { recursive: true })

const escaped = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const fill = line =>
  line.startsWith('$') ? '#9ece6a' : line.includes('ALSO CLAIMED') ? '#e0af68' : '#c0caf5'
const width = Math.ceil(Math.max(...lines.map(line => line.length)) * COLUMN_PX) + 32
const height = lines.length * LINE_PX + 30
const text = lines.map(
  (line, at) =>
    `  <text x="16" y="${28 + at * LINE_PX}" fill="${fill(line)}" xml:space="preserve">${escaped(line)}</text>`,
)
writeFileSync(
  join(ROOT, 'docs/co-claim.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" role="img">
  <title>presence claim, and who else holds the node</title>
  <rect width="100%" height="100%" rx="8" fill="#1a1b26"/>
${text.join('\n')}
</svg>
`,
)
