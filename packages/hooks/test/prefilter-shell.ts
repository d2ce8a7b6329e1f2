import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFILTER = join(import.meta.dirname, '../bin/prefilter.sh')

/** The shells that run the prefilter. */
export const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash', '--posix'], ['busybox', 'sh']]

/** Asks the prefilter about many payloads in one shell: for each line of its input it prints 1 if Node must start. */
const DRIVER = `. "$1"
while IFS= read -r pf_payload; do
  if pf_needed "$2"; then echo 1; else echo 0; fi
done`

/** A session that the prefilter knows, in a project folder of its own. */
export class PrefilterSession {
  readonly folder = mkdtempSync(join(tmpdir(), 'presence-prefilter-'))

  /** @param names the names that begin a guarded command */
  constructor(names: readonly string[], tools: readonly string[] = []) {
    writeFileSync(
      join(this.folder, 's1.names'),
      `cwd ${this.folder}\nnames ${names.join(' ')}\ntools ${tools.join(' ')}\n`,
    )
  }

  payload(command: string, more: object = {}): object {
    return {
      session_id: 's1',
      transcript_path: '/home/ana/s1.jsonl',
      cwd: this.folder,
      hook_event_name: 'PreToolUse',
      tool_name: 'Bash',
      tool_input: { command, description: 'Says "what" it does' },
      tool_use_id: 'toolu_1',
      ...more,
    }
  }

  /** Which of these commands start Node. */
  starts(shell: readonly string[], commands: readonly string[]): readonly boolean[] {
    return this.startsFor(
      shell,
      commands.map(command => JSON.stringify(this.payload(command))),
    )
  }

  /** Which of these payloads start Node, each on one line. */
  startsFor([program = 'sh', ...args]: readonly string[], payloads: readonly string[]): readonly boolean[] {
    const said = execFileSync(program, [...args, '-c', DRIVER, 'sh', PREFILTER, this.folder], {
      input: payloads.map(line => `${line}\n`).join(''),
      encoding: 'utf8',
      // bash reads its user's startup file if its input is a socket, unless it runs inside another shell.
      env: { PATH: process.env['PATH'], SHLVL: '2' },
    })
    return said
      .trim()
      .split('\n')
      .map(line => line === '1')
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}
