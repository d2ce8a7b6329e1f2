import { type Flags, type FlagTable, hostLabel, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Word } from '../tool.ts'
import { machineOf } from './machine.ts'

/** Flags of `docker` itself, before its verb. */
export const GLOBAL: FlagTable = {
  stopsAtWord: true,
  values:
    `-H --host|-c --context|--config|-l --log-level|--tlscacert|--tlscert|--tlskey|--url|--connection|--identity|--root
--runroot|--storage-driver|--storage-opt|--cgroup-manager|--events-backend|--namespace|--address`.split(
      /[|\n]/,
    ),
  switches: ['-D --debug', '-v --version', '-h --help'],
}

/** The machine whose containers a command acts on, and what it found so far. */
export interface Engine {
  /** Undefined if it isn't known: then labels have no scope. */
  readonly host: string | undefined
}

/** The engine's machine: by `-H`, `DOCKER_HOST` or the context, else the machine that the command runs on. */
export function engineOf(call: Call, flags: Flags): Engine {
  const { env, unknownEnv } = call
  const given = flags.value('host') ?? flags.value('url')
  if (given) return { host: given.text === undefined ? undefined : machineIn(call, given.text) }
  const context = flags.value('context') ?? flags.value('connection')
  if (context) return { host: context.text === 'default' ? call.host : undefined }
  if (unknownEnv.has('DOCKER_HOST') || unknownEnv.has('DOCKER_CONTEXT')) return { host: undefined }
  const address = env['DOCKER_HOST'] ?? env['CONTAINER_HOST']
  if (address) return { host: machineIn(call, address) }
  const named = env['DOCKER_CONTEXT']
  return { host: named && named !== 'default' ? undefined : call.host }
}

/** `ssh://ana@db1`, `tcp://10.0.0.1:2376`, `unix:///run/docker.sock`. */
function machineIn(call: Call, address: string): string | undefined {
  if (/^(unix|npipe|fd):/.test(address) || address.startsWith('/')) return call.host
  const host = /^(?:\w+:\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(address)?.[1]
  return machineOf(call, host)
}

/** A command of an engine, with the words that its effects point to. */
export interface Verb {
  readonly call: Call
  readonly engine: Engine
  readonly verb: string
  readonly at: readonly Word[]
}

/** An effect on each named thing. Names that aren't known make unknown targets. */
export function onEach(
  of: Verb,
  names: readonly Word[],
  label: (name: string) => string | undefined,
): readonly Found[] {
  if (names.length === 0) return [changed(of, undefined)]
  return names.map(name => {
    if (name.text === undefined && isEverything(name)) return onHost(of, name)
    return changed(of, name.text === undefined ? undefined : label(name.text), name)
  })
}

/** `$(docker ps -aq)` without a filter names all containers. */
function isEverything({ raw }: Word): boolean {
  return /(\$\(|`)\s*(sudo\s+)?(docker|podman|nerdctl)\s+(container\s+)?(ps|ls)\b(?![^)`]*(--filter|-f\b|\|))/.test(
    raw,
  )
}

/** Everything on the engine's machine. */
export function onHost(of: Verb, word?: Word): Found {
  const label = hostLabel(of.engine.host)
  return { ...changed(of, label, word), target: label ? 'all' : 'unknown' }
}

export function changed({ call, verb, at }: Verb, label: string | undefined, word?: Word): Found {
  const target = label ? 'exact' : 'unknown'
  return { label, verb, effect: 'changes', target, words: span(call.word, ...at, word) }
}

/** The label of a container. */
export const containerLabel =
  ({ engine }: Verb) =>
  (name: string) =>
    labelOf('service', name, engine.host)

/** The label of a volume. */
export const volumeLabel =
  ({ engine }: Verb) =>
  (name: string) =>
    labelOf('pvc', `local/${name}`, engine.host)

/** The label of another thing of the engine, such as a network. */
export const thingLabel =
  ({ engine }: Verb, kind: string) =>
  (name: string) =>
    engine.host === undefined ? undefined : labelOf('infra', `${engine.host}/${kind}/${name}`)

/** The words of a command after its flags, which stop at the first word: `run IMAGE COMMAND…`. */
export function stopping(args: readonly Word[], values: readonly string[]): Flags {
  return parseFlags(args, { values, stopsAtWord: true })
}
