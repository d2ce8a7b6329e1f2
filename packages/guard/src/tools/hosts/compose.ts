import { changesInside, type Flags, type FlagTable, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { type Project, projectOf } from './compose-project.ts'
import { inside, programOf, targetOf } from './container.ts'
import { RUN_VALUES } from './docker-verbs.ts'
import type { Engine } from './engine.ts'
import { engineOf } from './engine-host.ts'

const GLOBAL: FlagTable = {
  stopsAtWord: true,
  values:
    `-f --file|-p --project-name|--project-directory|--profile|--env-file|--ansi|--parallel|--progress|-H --host|--tlscacert
--tlscert|--tlskey|--context|-c --context|--log-level|--podman-path|--podman-args`.split(/[|\n]/),
  switches: ['-h --help', '-v --version'],
}
const VALUES: FlagTable = {
  values:
    `-t --timeout|--scale|--exit-code-from|--attach|--no-attach|--pull|--rmi|-s --signal|--index|--wait-timeout`.split(
      '|',
    ),
  switches: ['-v --volumes', '-f --force'],
}
const INSIDE: FlagTable = { values: [...RUN_VALUES, '--index'], stopsAtWord: true }

const CHANGES: ReadonlySet<string> = new Set(
  'up down start stop restart kill pause unpause rm create scale watch run'.split(' '),
)
/** More services are one target: the whole project. */
const SERVICES_MAX = 64

/** Compose as a program of its own. */
export const dockerCompose: Tool = {
  names: ['docker-compose', 'podman-compose'],
  effects: call => compose(call, engineOf(call, parseFlags(call.args, GLOBAL)), call.args, []),
}

interface Of {
  readonly call: Call
  readonly engine: Engine
  readonly project: Project
  readonly told: string
  readonly at: readonly Word[]
}

/** The effects of `docker compose`, from the words after `compose`. */
export function compose(
  call: Call,
  engine: Engine,
  args: readonly Word[],
  before: readonly Word[],
): readonly Found[] {
  const flags = parseFlags(args, GLOBAL)
  const [verb, ...rest] = flags.words
  if (verb?.text === undefined || flags.has('help', 'version', 'dry-run')) return []
  const name = verb.text
  const own = parseFlags(rest, name === 'exec' || name === 'run' ? INSIDE : VALUES)
  if (own.has('help', 'dry-run')) return []
  const made = (): Of => ({
    call,
    engine,
    project: projectOf(call, flags),
    told: `compose ${name}`,
    at: [...before, verb],
  })
  switch (name) {
    case 'push':
    case 'publish':
      return [found(made(), undefined, 'unknown')]
    case 'build':
      return own.has('push') ? [found(made(), undefined, 'unknown')] : []
    case 'exec':
    case 'run':
      return ran(made(), name, own)
    case 'cp': {
      const target = targetOf(own.words)
      return target ? onServices(made(), [target]) : []
    }
    case 'wait':
      return own.has('down-project') ? onServices(made(), []) : []
    case 'scale':
      return onServices(
        made(),
        own.words.map(word => ({ ...word, text: word.text?.split('=')[0] })),
      )
    default: {
      if (!CHANGES.has(name)) return []
      const of = made()
      // `rm -v` removes volumes without a name, which nobody else can use.
      const isWiping = name === 'down' && own.has('volumes')
      return [...onServices(of, own.words), ...(isWiping ? onVolumes(of) : [])]
    }
  }
}

function onServices(of: Of, words: readonly Word[]): readonly Found[] {
  const { project, engine } = of
  const label = (service: string | undefined) =>
    service && project.name ? labelOf('service', `${project.name}/${service}`, engine.host) : undefined
  if (words.length > 0) return words.map(word => found(of, label(word.text), 'exact', word))
  if (project.services.length > 0 && project.services.length <= SERVICES_MAX && project.name)
    return project.services.map(service => found(of, label(service), 'exact'))
  // A project's services are `service:<project>/<service>`, which are parts of `namespace:<project>`.
  return [found(of, project.name && labelOf('namespace', project.name, engine.host), 'all')]
}

function onVolumes(of: Of): readonly Found[] {
  return of.project.volumes.map(volume => found(of, labelOf('pvc', volume, of.engine.host), 'exact'))
}

function found(
  { call, told, at }: Of,
  label: string | undefined,
  target: Found['target'],
  word?: Word,
): Found {
  return {
    label: label || undefined,
    verb: told,
    effect: 'changes',
    target: label ? target : 'unknown',
    words: span(call.word, ...at, word),
  }
}

/** `exec` reads, unless the command changes something. `run` starts another container of the service. */
function ran(of: Of, name: 'exec' | 'run', flags: Flags): readonly Found[] {
  const [service, ...command] = flags.words
  if (service === undefined) return []
  const program = name === 'run' ? programOf(service, flags.value('entrypoint')) : undefined
  const inner = command.length > 0 ? inside(of.call, flags, command, program) : []
  const isChanged = name === 'run' || changesInside(command)
  return isChanged ? [...onServices(of, [service]), ...inner] : inner
}
