import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programNames } from '@presence/guard'
import { type Recorded, recordedIn } from './recorded.ts'

/** How many of the commands that start Node are printed. */
const SHOWN = 20

const PREFILTER = join(import.meta.dirname, '../../bin/prefilter.sh')
const DRIVER = `. "$1"
while IFS= read -r pf_payload; do
  if pf_needed "$2"; then echo 1; else echo 0; fi
done`

/** Asks the prefilter about each command, in one shell. */
function starts(commands: readonly Recorded[]): readonly boolean[] {
  const folder = mkdtempSync(join(tmpdir(), 'presence-share-'))
  try {
    const folders = [...new Set(commands.map(({ cwd }) => cwd))].map(cwd => `cwd ${cwd}\n`)
    writeFileSync(join(folder, 's1.names'), `${folders.join('')}names ${programNames().join(' ')}\n`)
    const payloads = commands.map(({ command, cwd }) =>
      JSON.stringify({ session_id: 's1', cwd, tool_name: 'Bash', tool_input: { command } }),
    )
    const said = execFileSync('sh', ['-c', DRIVER, 'sh', PREFILTER, folder], {
      input: payloads.map(line => `${line}\n`).join(''),
      encoding: 'utf8',
      // bash reads its user's startup file if its input is a socket, unless it runs inside another shell.
      env: { PATH: process.env['PATH'], SHLVL: '2' },
    })
    return said
      .trimEnd()
      .split('\n')
      .map(line => line === '1')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: npm run guard:share -- <transcript.jsonl>…')
  process.exit(2)
}
const commands = files.flatMap(file => recordedIn(readFileSync(file, 'utf8')))
if (commands.length === 0) {
  console.error('There are no shell commands in these files.')
  process.exit(1)
}
const needed = starts(commands)
const started = commands.filter((_, at) => needed[at])
const percent = (started.length / commands.length) * 100
console.log(
  `${commands.length} shell commands; ${started.length} start Node (${percent.toFixed(1)} %), and one more in each folder.`,
)
for (const { command } of started.slice(0, SHOWN))
  console.log(`- ${command.replaceAll(/\s+/g, ' ').slice(0, 100)}`)
if (started.length > SHOWN) console.log(`and ${started.length - SHOWN} more`)
