import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { ROOT } from './setup.mjs'

// Shows the main use case in a minute, on a board of its own that is deleted afterwards.
const PRESENCE = join(ROOT, 'packages/cli/bin/presence')
const folder = mkdtempSync(join(tmpdir(), 'presence-tour-'))
const say = text => console.log(`\n${text}`)
let failed = false

function as(session, ...args) {
  const shown = args.map(arg => (/[\s"]/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')
  console.log(styleText('dim', `  ${session}$ `) + styleText('bold', `presence ${shown}`))
  const { XDG_CONFIG_HOME, PRESENCE_DSN, ...env } = process.env
  const { stdout, stderr, status } = spawnSync(PRESENCE, args, {
    encoding: 'utf8',
    cwd: folder,
    env: { ...env, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, PRESENCE_SESSION_ID: `${session}@tour` },
  })
  failed ||= status !== 0 || stderr.includes('warning')
  for (const line of (stdout + stderr).trimEnd().split('\n')) console.log(`  ${line}`)
}

console.log(`${styleText('bold', 'presence')}: who is changing what, right now.`)
say('Ana is about to drain a node, and says so:')
as('ana', 'claim', 'node:k8s-1', '--purpose', 'drain for the kernel upgrade')
say('An agent is sent to the same node. Its claim is made too, and it learns of Ana at once:')
as('agent', 'claim', 'node:k8s-1', '--purpose', 'restart the hung kubelet')
say('Ana is told at her next call. A heartbeat keeps her claim alive while she works:')
as('ana', 'heartbeat')
say('Everyone sees the same board:')
as('ana', 'list')
say('The agent waits, as the convention asks, and releases its claim. Ana finishes:')
as('agent', 'release', 'node:k8s-1')
as('ana', 'release', 'node:k8s-1')
as('ana', 'list')

rmSync(folder, { recursive: true, force: true })
say(`That board is gone again. Your own is a file in your state folder until you name a shared one. Next:

  npm start -- claim node:k8s-1 --purpose "what you are about to change"
  npm start -- list
  npm start -- --help

The command itself is node_modules/.bin/presence; docs/teams.md describes how a team shares a board.`)
process.exit(failed ? 1 : 0)
