import { type Flags, type FlagTable, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { joinPath, lastFolder } from './paths.ts'

const FLAGS: FlagTable = {
  singleDash: true,
  values:
    `-chdir -backend-config -backup -backup-out -config -from-module -generate-config-out -lock-timeout -module-depth
-out -parallelism -plugin-dir -provider -replace -state -state-out -target -exclude -var -var-file -test-directory -filter
-junit-xml -fs-mirror -net-mirror -platform`.split(/\s+/),
}

/** Verbs that change what the stack manages, or its state. */
const CHANGES: ReadonlySet<string> = new Set(
  'apply destroy force-unlock import push refresh taint untaint'.split(' '),
)
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  state: ['mv', 'push', 'replace-provider', 'rm'],
  workspace: ['delete', 'new'],
}
const READS: ReadonlySet<string> = new Set(
  'console get graph modules output plan providers query show state test validate version metadata'.split(
    ' ',
  ),
)
const LOCAL: ReadonlySet<string> = new Set('env fmt init login logout workspace'.split(' '))

/** Terraform and OpenTofu, by the reference of Terraform 1.13's commands. */
export const terraform: Tool = { names: ['terraform', 'tofu'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb, sub] = flags.words
  if (verb === undefined || flags.has('help', 'h', 'version')) return []
  const told = verbOf(verb, sub, flags)
  const at = span(call.word, verb, told?.sub)
  if (told?.effect !== 'changes')
    return told
      ? [{ label: undefined, verb: told.verb, effect: told.effect, target: 'unknown', words: at }]
      : []
  const label = stackLabel(call, flags.value('chdir'), workspaceIn(told.verb, flags))
  return [{ label, verb: told.verb, effect: 'changes', target: label ? 'exact' : 'unknown', words: at }]
}

interface Told {
  readonly verb: string
  readonly effect: Found['effect']
  readonly sub?: Word | undefined
}

/** What a verb does; undefined if it concerns only this machine. */
export function verbOf(verb: Word, sub: Word | undefined, flags: Flags): Told | undefined {
  const name = verb.text
  if (name === undefined) return { verb: 'unknown', effect: 'unknown' }
  const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined
  if (group && sub?.text !== undefined && group.includes(sub.text))
    return { verb: `${name} ${sub.text}`, effect: flags.has('dry-run') ? 'reads' : 'changes', sub }
  if (CHANGES.has(name)) return { verb: name, effect: 'changes' }
  // Copies the state to another backend.
  if (name === 'init' && flags.has('migrate-state', 'force-copy')) return { verb: 'init', effect: 'changes' }
  if (READS.has(name)) return { verb: name, effect: 'reads' }
  return LOCAL.has(name) ? undefined : { verb: name, effect: 'unknown' }
}

/** `workspace new NAME` and `workspace delete NAME` change that workspace, not the current one. */
function workspaceIn(verb: string, flags: Flags): Word | undefined {
  return verb.startsWith('workspace ') ? flags.words[2] : undefined
}

/** The label of the stack in a folder: `stack:<folder>`, or `stack:<folder>/<workspace>` if one is selected. */
export function stackLabel(call: Call, folder: Word | undefined, named?: Word): string | undefined {
  if (folder && folder.text === undefined) return undefined
  const root = joinPath(call.cwd, folder?.text)
  const workspace = named ? named.text : workspaceOf(call, root)
  if (root === undefined || workspace === undefined) return undefined
  const name = lastFolder(root)
  return labelOf('stack', workspace === 'default' ? name : name && `${name}/${workspace}`)
}

/** The selected workspace; undefined if it isn't known. */
function workspaceOf({ env, unknownEnv, read }: Call, root: string | undefined): string | undefined {
  if (unknownEnv.has('TF_WORKSPACE')) return undefined
  if (env['TF_WORKSPACE']) return env['TF_WORKSPACE']
  if (root === undefined) return undefined
  const data = env['TF_DATA_DIR'] ?? '.terraform'
  return read(`${joinPath(root, data)}/environment`)?.trim() || 'default'
}
