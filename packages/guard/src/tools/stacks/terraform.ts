import { type Flags, type FlagTable, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { joinPath, lastFolder } from './paths.ts'

const FLAGS: FlagTable = {
  singleDash: true,
  values:
    `-chdir -backend-config -backup -backup-out -cloud-run -config -exclude -exclude-file -filter -from-module -fs-mirror
-generate-config-out -id -junit-xml -lock-timeout -lockfile -module-depth -net-mirror -out -parallelism -plan -platform
-plugin-dir -provider -replace -state -state-out -target -target-file -test-directory -type -var -var-file`.split(
      /\s+/,
    ),
}

/** Verbs that change what the stack manages, or its state. */
const CHANGES: ReadonlySet<string> = new Set(
  'apply destroy force-unlock import push refresh taint untaint'.split(' '),
)
const GROUPS: Readonly<
  Record<string, { readonly changes: readonly string[]; readonly reads: readonly string[] }>
> = {
  state: {
    changes: ['mv', 'move', 'push', 'replace-provider', 'rm', 'remove', 'migrate'],
    reads: ['list', 'show', 'pull', 'identities'],
  },
  workspace: { changes: ['delete', 'new'], reads: ['list', 'show', 'select'] },
  env: { changes: ['delete', 'new'], reads: ['list', 'select'] },
  // Stacks of HCP Terraform, which have no folder.
  stacks: {
    changes: ['create', 'delete', 'configuration', 'deployment-run', 'deployment-group'],
    reads: ['fmt', 'init', 'list', 'plan', 'providers-lock', 'validate', 'version'],
  },
}
const STACKS_CHANGES = /^(approve-all-plans|cancel|create|rerun|upload)$/
const READS: ReadonlySet<string> = new Set(
  'console get graph modules output plan providers query show test validate version metadata'.split(' '),
)
const LOCAL: ReadonlySet<string> = new Set('fmt init login logout rpcapi'.split(' '))

/** Terraform and OpenTofu, by the reference of Terraform 1.14's commands. */
export const terraform: Tool = { names: ['terraform', 'tofu'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb, sub] = flags.words
  if (verb === undefined || flags.has('help', 'h', 'version', 'v')) return []
  const told = verbOf(verb, sub, flags)
  const at = span(call.word, verb, told?.sub)
  if (told?.effect !== 'changes')
    return told
      ? [{ label: undefined, verb: told.verb, effect: told.effect, target: 'unknown', words: at }]
      : []
  const label = told.verb.startsWith('stacks ')
    ? undefined
    : stackLabel(call, flags.value('chdir'), workspaceIn(told.verb, flags))
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
  if (Object.hasOwn(GROUPS, name)) return inGroup(name, sub, flags)
  if (CHANGES.has(name)) return { verb: name, effect: 'changes' }
  // Copies the state to another backend.
  if (name === 'init' && flags.has('migrate-state', 'force-copy')) return { verb: 'init', effect: 'changes' }
  if (READS.has(name)) return { verb: name, effect: 'reads' }
  return LOCAL.has(name) ? undefined : { verb: verbText(name), effect: 'unknown' }
}

function inGroup(name: string, sub: Word | undefined, flags: Flags): Told {
  if (sub === undefined) return { verb: name, effect: 'reads' }
  const { changes, reads } = GROUPS[name] as { changes: readonly string[]; reads: readonly string[] }
  if (sub.text === undefined) return { verb: name, effect: 'unknown' }
  const told = { verb: `${name} ${verbText(sub.text)}`, sub }
  // `workspace select -or-create NAME` makes a workspace, as `new` does.
  if (sub.text === 'select' && flags.has('or-create')) return { ...told, effect: 'changes' }
  if (reads.includes(sub.text)) return { ...told, effect: 'reads' }
  if (!changes.includes(sub.text)) return { ...told, effect: 'unknown' }
  const third = flags.words[2]?.text
  if (name === 'stacks' && sub.text.includes('-') && !STACKS_CHANGES.test(third ?? ''))
    return { ...told, effect: 'reads' }
  if (name === 'stacks' && sub.text === 'configuration' && third !== 'upload')
    return { ...told, effect: 'reads' }
  return { ...told, effect: flags.has('dry-run') ? 'reads' : 'changes' }
}

/** Of a word that can't be a verb nothing is told. */
const verbText = (text: string) => (/^[a-z][a-z-]{0,30}$/.test(text) ? text : 'unknown')

/** `workspace new NAME` and `workspace delete NAME` change that workspace, not the current one. */
function workspaceIn(verb: string, flags: Flags): Word | undefined {
  return /^(workspace|env) /.test(verb) ? flags.words[2] : undefined
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
  if (unknownEnv.has('TF_WORKSPACE') || unknownEnv.has('TF_DATA_DIR')) return undefined
  if (env['TF_WORKSPACE']) return env['TF_WORKSPACE']
  if (root === undefined) return undefined
  const data = env['TF_DATA_DIR'] ?? '.terraform'
  return read(`${joinPath(root, data)}/environment`)?.trim() || 'default'
}
