import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Agent, AgentName } from './agent.ts'
import type { Place } from './place.ts'

/** The moments at which agents call hooks. */
export type Moment = 'start' | 'prompt' | 'before' | 'filtered' | 'after' | 'failed' | 'end'

/** Each agent's names for them. */
export const EVENTS: Readonly<Record<AgentName, Readonly<Partial<Record<Moment, string>>>>> = {
  'claude-code': {
    start: 'SessionStart',
    prompt: 'UserPromptSubmit',
    before: 'PreToolUse',
    after: 'PostToolUse',
    failed: 'PostToolUseFailure',
    end: 'SessionEnd',
  },
  codex: {
    start: 'SessionStart',
    prompt: 'UserPromptSubmit',
    before: 'PreToolUse',
    after: 'PostToolUse',
    end: 'SessionEnd',
  },
  'gemini-cli': {
    start: 'SessionStart',
    prompt: 'BeforeAgent',
    before: 'BeforeTool',
    after: 'AfterTool',
    end: 'SessionEnd',
  },
}

/** Each agent's name for its shell in its settings. */
const SHELLS: Readonly<Record<AgentName, string>> = {
  'claude-code': 'Bash',
  codex: 'Bash',
  'gemini-cli': 'run_shell_command',
}

/** A call of a hook. */
export interface Seen {
  readonly moment: Moment
  readonly payload: Readonly<Record<string, unknown>>
  /** Its process's environment. */
  readonly env: string
  /** The files in the project at that time. */
  readonly files: string
}

/** True if a hook was called because of the command with this name. */
export function isAbout({ payload }: Seen, name: string): boolean {
  return JSON.stringify(payload).includes(`case=${name};`)
}

/** Hooks that only write down what they are given, and answer as the test says. */
export class Probe {
  readonly #folder: string
  readonly #place: Place

  /**
   * @param answers what a hook does for a command that contains `case=<name>`, as a shell command; the key is
   * `<moment> <name>`, or only the moment if it isn't about a command
   * @param options added to the handlers of a moment
   * @param name of the folder for what it sees
   */
  constructor(
    agent: Agent,
    place: Place,
    answers: Readonly<Record<string, string>>,
    options: Readonly<Partial<Record<Moment, object>>> = {},
    name = 'probe',
  ) {
    this.#place = place
    this.#folder = join(place.home, name)
    mkdirSync(join(this.#folder, 'seen'), { recursive: true })
    const script = join(this.#folder, 'hook')
    writeFileSync(script, scriptOf(this.#folder, place.project), { mode: 0o755 })
    for (const [key, answer] of Object.entries(answers))
      writeFileSync(join(this.#folder, key.replace(' ', '-')), answer)
    const entries = Object.entries(EVENTS[agent.name]).map(([moment, event]) => {
      const handler = { type: 'command', command: `${script} ${moment}`, ...options[moment as Moment] }
      // A filter that matches none of the commands.
      const filtered = {
        type: 'command',
        command: `${script} filtered`,
        if: `${SHELLS[agent.name]}(kubectl *)`,
      }
      return [event, [{ hooks: moment === 'before' ? [handler, filtered] : [handler] }]]
    })
    const settings = join(place.project, agent.settings)
    mkdirSync(dirname(settings), { recursive: true })
    writeFileSync(settings, JSON.stringify({ hooks: Object.fromEntries(entries) }))
  }

  /** The calls so far, in their order. */
  get seen(): readonly Seen[] {
    const folder = join(this.#folder, 'seen')
    return readdirSync(folder)
      .filter(name => name.endsWith('.json'))
      .toSorted()
      .map(name => ({
        moment: name.replace(/^\d+-|-\d+\.json$/g, '') as Moment,
        payload: JSON.parse(readFileSync(join(folder, name), 'utf8')),
        env: readFileSync(join(folder, name.replace('.json', '.env')), 'utf8'),
        files: readFileSync(join(folder, name.replace('.json', '.files')), 'utf8'),
      }))
  }

  /** The calls about a command. */
  about(name: string): readonly Seen[] {
    return this.seen.filter(seen => seen.moment !== 'filtered' && isAbout(seen, name))
  }

  /** True if the command ran. */
  ran(name: string): boolean {
    return existsSync(join(this.#place.project, `${name}.ran`))
  }

  /** True if an answer made this file. */
  made(name: string): boolean {
    return existsSync(join(this.#folder, name))
  }
}

/** A command that a hook recognises, and that shows that it ran and when it ended. */
export const commandOf = (name: string, more = 'true') =>
  `: case=${name}; touch ${name}.ran; ${more}; touch ${name}.ended`

/** Its only argument is the moment. */
const scriptOf = (folder: string, project: string) => `#!/bin/sh
cd '${folder}' || exit 1
payload=$(cat)
name=seen/$(date +%s%N)-$1-$$
env >$name.env
ls '${project}' >$name.files
printf '%s\\n' "$payload" >$name.part
mv $name.part $name.json
case=$(printf '%s\\n' "$payload" | sed -n 's/.*case=\\([a-z0-9-]*\\);.*/\\1/p' | head -n 1)
for answer in "$1-$case" "$1"; do
  if [ -e "$answer" ]; then
    . "./$answer"
    exit 0
  fi
done
`
