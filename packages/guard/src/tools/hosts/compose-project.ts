import { at, isMap, listAt, readYaml, textAt, type Yaml } from '../../yaml/index.ts'
import { joinPath, lastFolder } from '../stacks/paths.ts'
import type { Flags } from '../support/index.ts'
import type { Call } from '../tool.ts'

const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
const OVERRIDES = FILES.map(name => name.replace('.y', '.override.y'))
/** Folders above the working directory in which a file is looked for. */
const FOLDERS_MAX = 6

/** What is known about a project. */
export interface Project {
  /** Undefined if it isn't known. */
  readonly name: string | undefined
  /** The services that its profiles enable; none if they aren't all known. */
  readonly services: readonly string[]
  /** The volumes that it makes, by `<project>/<key>`, or by `local/<name>` if they have a name of their own. */
  readonly volumes: readonly string[]
}

/** A setting of the environment or of the project's `.env`. Undefined: not set; null: not known. */
type Setting = (name: string) => string | undefined | null

/** The project's name and what its files say. */
export function projectOf(call: Call, flags: Flags): Project {
  const folder = flags.value('project-directory')
  const root = folder ? joinPath(call.cwd, folder.text) : call.cwd
  const setting = settingsOf(call, flags, root)
  const paths = filesOf(call, flags, root, setting)
  const files = paths.map(path => {
    const text = path === undefined ? undefined : call.read(path)
    return text === undefined ? undefined : readYaml(text, call.budget)[0]
  })
  const home = folder ? root : (paths[0] && joinPath(paths[0], '..')) || root
  const name = nameOf(flags, files, home, setting)
  const isWhole =
    files.length > 0 && files.every(file => file !== undefined && listAt(file, 'include').length === 0)
  return {
    name,
    services: isWhole ? servicesIn(files, profilesOf(flags, setting)) : [],
    volumes: name === undefined ? [] : volumesIn(files, name),
  }
}

/** Compose reads `.env` beside the files. Of it only its own variables are used. */
function settingsOf(call: Call, flags: Flags, root: string | undefined): Setting {
  const given = flags.values('env-file').map(word => word.text)
  const paths = given.length > 0 ? given.map(text => joinPath(call.cwd, text)) : [joinPath(root, '.env')]
  const known = new Map<string, string>()
  for (const path of paths) {
    const lines =
      path === undefined
        ? []
        : (call.read(path) ?? '').matchAll(/^\s*(?:export\s+)?(COMPOSE_\w+)\s*=\s*(.*?)\s*$/gm)
    for (const [, name = '', value = ''] of lines) known.set(name, value.replace(/^(['"])(.*)\1$/, '$2'))
  }
  return name => (call.unknownEnv.has(name) ? null : (call.env[name] ?? known.get(name)))
}

function filesOf(
  call: Call,
  flags: Flags,
  root: string | undefined,
  setting: Setting,
): readonly (string | undefined)[] {
  const given = flags.values('file')
  if (given.length > 0)
    return given.map(word =>
      word.text === undefined || word.text === '-' ? undefined : joinPath(call.cwd, word.text),
    )
  const listed = setting('COMPOSE_FILE')
  if (listed === null) return [undefined]
  if (listed) return listed.split(setting('COMPOSE_PATH_SEPARATOR') || ':').map(path => joinPath(root, path))
  let folder = root
  for (let up = 0; folder !== undefined && up < FOLDERS_MAX; up++) {
    const path = firstIn(call, folder, FILES)
    if (path !== undefined) {
      const override = firstIn(call, folder, OVERRIDES)
      return override === undefined ? [path] : [path, override]
    }
    if (folder === '/') return []
    folder = joinPath(folder, '..')
  }
  return []
}

function firstIn(call: Call, folder: string, names: readonly string[]): string | undefined {
  return names.map(name => joinPath(folder, name) as string).find(path => call.read(path) !== undefined)
}

function nameOf(
  flags: Flags,
  files: readonly Yaml[],
  folder: string | undefined,
  setting: Setting,
): string | undefined {
  const given = flags.value('project-name')
  if (given) return given.text
  const set = setting('COMPOSE_PROJECT_NAME')
  if (set === null) return undefined
  const named = set || files.map(file => textAt(file, 'name')).findLast(name => name !== undefined)
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

/** The enabled profiles; undefined if they aren't known. */
function profilesOf(flags: Flags, setting: Setting): readonly string[] | undefined {
  const given = flags.values('profile').map(word => word.text)
  const set = setting('COMPOSE_PROFILES')
  if (set === null || given.includes(undefined)) return undefined
  return [...given.map(text => text as string), ...(set?.split(',') ?? [])]
}

/** The services of all files without those whose profiles aren't enabled. */
function servicesIn(files: readonly Yaml[], profiles: readonly string[] | undefined): readonly string[] {
  const names = new Set(files.flatMap(file => keysAt(file, 'services')))
  if (profiles === undefined || profiles.includes('*')) return [...names]
  return [...names].filter(name => {
    const own = files.flatMap(file => listAt(file, 'services', name, 'profiles'))
    return own.length === 0 || own.some(profile => profiles.includes(String(profile)))
  })
}

/** The volumes that the project makes. External ones are only used. */
function volumesIn(files: readonly Yaml[], project: string): readonly string[] {
  const names = new Set(files.flatMap(file => keysAt(file, 'volumes')))
  return [...names].flatMap(name => {
    const own = files.map(file => at(file, 'volumes', name)).filter(isMap)
    if (own.some(volume => 'external' in volume && volume['external'] !== 'false')) return []
    const named = own.map(volume => volume['name']).findLast(each => typeof each === 'string')
    return [typeof named === 'string' && !named.includes('$') ? `local/${named}` : `${project}/${name}`]
  })
}

function keysAt(file: Yaml, name: string): readonly string[] {
  const value = at(file, name)
  return isMap(value) ? Object.keys(value) : []
}
