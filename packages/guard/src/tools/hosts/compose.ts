import { isMap, listAt, readYaml, textAt, at as valueAt, type Yaml } from '../../yaml/index.ts'
import { joinPath, lastFolder } from '../stacks/paths.ts'
import { changesInside, type Flags, type FlagTable, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { RUN_VALUES } from './docker-verbs.ts'
import { type Engine, engineOf } from './engine.ts'

const GLOBAL: FlagTable = {
  stopsAtWord: true,
  values:
    `-f --file|-p --project-name|--project-directory|--profile|--env-file|--ansi|--parallel|--progress|-H --host|--tlscacert
--tlscert|--tlskey|--context|-c --context|--log-level|--podman-path|--podman-args`.split(/[|\n]/),
  switches: ['-h --help', '-v --version'],
}
const VALUES: FlagTable = {
  values:
    `-t --timeout|--scale|--exit-code-from|--attach|--no-attach|--pull|--rmi|-s --signal|--index|--wait-timeout|--name
-e --env|-u --user|-w --workdir|-v --volume|-p --publish|-l --label|--entrypoint`.split(/[|\n]/),
}
/** `-v` of `down` and `rm` takes no value. */
const REMOVING: FlagTable = { values: ['-t --timeout', '--rmi'], switches: ['-v --volumes', '-f --force'] }

const CHANGES: ReadonlySet<string> = new Set(
  'up down start stop restart kill pause unpause rm create scale watch run'.split(' '),
)
const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
/** More services are one target: the whole project. */
const SERVICES_MAX = 64
/** Folders above the working directory in which a file is looked for. */
const FOLDERS_MAX = 6

/** Compose as a program of its own. */
export const dockerCompose: Tool = {
  names: ['docker-compose', 'podman-compose'],
  effects: call => compose(call, engineOf(call, parseFlags(call.args, GLOBAL)), call.args, []),
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
  if (rest.some(({ text }) => text === '--help' || text === '--dry-run')) return []
  const project = projectOf(call, flags)
  const of: Of = { call, engine, project, told: `compose ${verb.text}`, at: [...before, verb] }
  const name = verb.text
  if (name === 'push' || name === 'publish') return [found(of, undefined, 'unknown')]
  if (name === 'exec') return executed(of, rest)
  if (name === 'cp') return copied(of, parseFlags(rest, VALUES).words)
  if (!CHANGES.has(name)) return []
  if (name === 'run')
    return onServices(of, parseFlags(rest, { values: RUN_VALUES, stopsAtWord: true }).words.slice(0, 1))
  const removes = name === 'down' || name === 'rm'
  const own = parseFlags(rest, removes ? REMOVING : VALUES)
  const services =
    name === 'scale' ? own.words.map(word => ({ ...word, text: word.text?.split('=')[0] })) : own.words
  return [...onServices(of, services), ...(removes && own.has('volumes') ? onVolumes(of) : [])]
}

interface Project {
  /** Undefined if it isn't known. */
  readonly name: string | undefined
  readonly services: readonly string[]
  readonly volumes: readonly string[]
}

interface Of {
  readonly call: Call
  readonly engine: Engine
  readonly project: Project
  readonly told: string
  readonly at: readonly Word[]
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
  const { name, volumes } = of.project
  return volumes.map(volume =>
    found(of, name && labelOf('pvc', `${name}/${volume}`, of.engine.host), 'exact'),
  )
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

function executed(of: Of, args: readonly Word[]): readonly Found[] {
  const [service, ...command] = parseFlags(args, {
    values: [...RUN_VALUES, '--index'],
    stopsAtWord: true,
  }).words
  if (service === undefined || command.length === 0) return []
  const inner = of.call.innerArgs(command, { isRemote: true, host: undefined })
  return changesInside(command) ? [...onServices(of, [service]), ...inner] : inner
}

/** Only copying into a service changes something. */
function copied(of: Of, words: readonly Word[]): readonly Found[] {
  const last = words.at(-1)
  const colon = last?.text?.indexOf(':') ?? -1
  if (!last || words.length < 2 || colon <= 0 || /^[./]/.test(last.text ?? '')) return []
  return onServices(of, [{ ...last, text: last.text?.slice(0, colon) }])
}

/** The project's name and what its files say. */
function projectOf(call: Call, flags: Flags): Project {
  const folder = flags.value('project-directory')
  const root = folder ? joinPath(call.cwd, folder.text) : call.cwd
  const paths = filesOf(call, flags, root)
  const files = paths.map(path => {
    const text = path === undefined ? undefined : call.read(path)
    return text === undefined ? undefined : readYaml(text, call.budget)[0]
  })
  const keys = (name: string) => [...new Set(files.flatMap(file => keysAt(file, name)))]
  const isWhole = files.length > 0 && files.every(file => file !== undefined)
  const included = files.some(file => listAt(file, 'include').length > 0)
  return {
    name: nameOf(call, flags, files, folder ? root : (paths[0] && joinPath(paths[0], '..')) || root),
    services: isWhole && !included ? keys('services') : [],
    volumes: keys('volumes'),
  }
}

function keysAt(file: Yaml, name: string): readonly string[] {
  const value = valueAt(file, name)
  return isMap(value) ? Object.keys(value) : []
}

function filesOf(call: Call, flags: Flags, root: string | undefined): readonly (string | undefined)[] {
  const given = flags.values('file')
  if (given.length > 0)
    return given.map(word => (word.text === undefined ? undefined : joinPath(call.cwd, word.text)))
  if (call.unknownEnv.has('COMPOSE_FILE')) return [undefined]
  const listed = call.env['COMPOSE_FILE']
  if (listed) return listed.split(':').map(path => joinPath(root, path))
  let at = root
  for (let up = 0; at !== undefined && up < FOLDERS_MAX; up++) {
    const folder = at
    const path = FILES.map(name => joinPath(folder, name) as string).find(
      each => call.read(each) !== undefined,
    )
    if (path !== undefined) return [path]
    if (at === '/') return []
    at = joinPath(at, '..')
  }
  return []
}

function nameOf(
  { env, unknownEnv }: Call,
  flags: Flags,
  files: readonly Yaml[],
  folder: string | undefined,
): string | undefined {
  const given = flags.value('project-name')
  if (given) return given.text
  if (unknownEnv.has('COMPOSE_PROJECT_NAME')) return undefined
  const named =
    env['COMPOSE_PROJECT_NAME'] ??
    files.map(file => textAt(file, 'name')).findLast(name => name !== undefined)
  const name = named ?? (folder === undefined ? undefined : lastFolder(folder))
  return name?.includes('$') ? undefined : fitting(name)
}

/** As compose makes a project's name of a folder's. */
function fitting(name: string | undefined): string | undefined {
  return (
    name
      ?.toLowerCase()
      .replace(/[^a-z0-9_-]/g, '')
      .replace(/^[_-]+/, '') || undefined
  )
}
