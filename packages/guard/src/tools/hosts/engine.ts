import { type Flags, type FlagTable, hostLabel, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Word } from '../tool.ts'

/** Flags of `docker` itself, before its verb. */
export const GLOBAL: FlagTable = {
  stopsAtWord: true,
  values:
    `-H --host|-c --context|--config|-l --log-level|--tlscacert|--tlscert|--tlskey|--url|--connection|--identity|--root
--runroot|--storage-driver|--storage-opt|--cgroup-manager|--events-backend|-n --namespace|-a --address|--ssh|--out|--tmpdir|--volumepath
--network-config-dir|--hooks-dir|--module|--runtime|--runtime-flag|--imagestore`.split(/[|\n]/),
  switches: ['-D --debug', '-v --version', '-h --help'],
}

/** The machine whose containers a command acts on, and what it found so far. */
export interface Engine {
  /** Undefined if it isn't known: then labels have no scope. */
  readonly host: string | undefined
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
  return /(\$\(|`)\s*(sudo\s+)?(docker|podman|nerdctl)\s+(ps|(container|volume|network|service|stack|pod)\s+(ps|ls|list))\b(?![^)`]*(--filter|-f\b|\|))/.test(
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
    labelOf('service', name.replace(/^\//, ''), engine.host)

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
