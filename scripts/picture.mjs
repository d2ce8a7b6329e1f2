import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODE, ROOT, setUp } from './setup.mjs'

// `node scripts/picture.mjs`: draws the README's pictures from real runs: docs/co-claim.svg is a terminal,
// docs/told.svg is what an agent's hook tells it at the start of a session.
setUp()
// node:sqlite needs the checkout's Node. The version decides, because the path of a Node may be a link.
if (Number(process.versions.node.split('.')[0]) < 24) {
  const here = fileURLToPath(import.meta.url)
  execFileSync(NODE, ['--disable-warning=ExperimentalWarning', here], { stdio: 'inherit' })
  process.exit()
}
const { DatabaseSync } = await import('node:sqlite')
const LINE_PX = 19
const COLUMN_PX = 7.8
const COLUMNS_MAX = 104
const folder = mkdtempSync(join(tmpdir(), 'presence-picture-'))
const board = join(folder, 'board.db')

function as(session, args, input = '') {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    PRESENCE_DSN: `sqlite:${board}`,
    ...(session === undefined ? {} : { PRESENCE_SESSION_ID: session }),
  }
  const options = { cwd: folder, env, input, encoding: 'utf8' }
  return execFileSync(join(ROOT, 'packages/cli/bin/presence'), args, options).trimEnd()
}

/** Who holds the claims of the pictures. Their names replace those of whoever runs this script. */
function played(session, { user, host, agent }) {
  const database = new DatabaseSync(board)
  const update = 'UPDATE presence_claims SET user = ?, host = ?, agent_name = ? WHERE session_id = ?'
  database.prepare(update).run(user, host, agent, session)
  database.close()
}

as('ana@laptop', ['claim', 'node:k8s-1', '--purpose', 'drain for the kernel upgrade'])
played('ana@laptop', { user: 'ana', host: 'laptop', agent: 'claude-code' })
const claim = ['claim', 'node:k8s-1', '--purpose', 'restart the hung kubelet']
const claimed = as('agent-7', claim)
played('agent-7', { user: 'ben', host: 'devvm', agent: 'codex' })
draw('co-claim.svg', 'presence claim, and who else holds the node', [
  '$ presence claim node:k8s-1 --purpose "restart the hung kubelet"',
  ...claimed.split('\n'),
  '$ presence list',
  ...as('agent-7', ['list']).split('\n'),
])

as('ci-118', ['claim', 'stack:web', '--purpose', 'deploy 4f2c to production'])
played('ci-118', { user: 'ci', host: 'runner-3', agent: 'ci' })
const start = { hook_event_name: 'SessionStart', source: 'startup', session_id: 'picture', cwd: folder }
const told = JSON.parse(
  as(undefined, ['hook', 'SessionStart', '--agent', 'claude-code'], JSON.stringify(start)),
)
draw(
  'told.svg',
  "what an agent's hook tells it at the start of a session",
  told.hookSpecificOutput.additionalContext.split('\n').flatMap(wrapped),
)
rmSync(folder, { recursive: true })

/** A line as it is shown in a narrow window: later parts are indented. */
function wrapped(line) {
  const lines = ['']
  for (const word of line.split(' ')) {
    const last = lines.at(-1)
    if (last.length + word.length > COLUMNS_MAX) lines.push(`    ${word}`)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}

function draw(name, title, lines) {
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
    join(ROOT, 'docs', name),
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" role="img">
  <title>${escaped(title)}</title>
  <rect width="100%" height="100%" rx="8" fill="#1a1b26"/>
${text.join('\n')}
</svg>
`,
  )
}
