import { readYaml, textAt } from '../../yaml/index.ts'
import { type Flags, type FlagTable, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { joinPath } from './paths.ts'

const FLAGS: FlagTable = {
  values:
    `-s --stack|-C --cwd|-m --message|-p --parallel|-t --target|--target-replace|-x --exclude|--replace|-c --config
--config-file|--color|--policy-pack|--policy-pack-config|-v --verbose|--secrets-provider|--exec-kind|--exec-agent|--plan
--save-plan|--tracing|--profiling|--memprofilerate|--otel-traces|--env|--env-secret|--file|-o --out|--import-file|--parent
--provider|--properties|--from|--generate-resources|--import-pending-creates|--dest|--source|--copy-config-from|--teams
--path|--git-auth-access-token|--git-auth-password|--git-auth-ssh-private-key|--git-auth-ssh-private-key-path
--git-auth-username|--git-branch|--git-commit|--git-repo-dir|--pre-run-command|--agent-pool-id|--executor-image
--executor-image-username|--executor-image-password|--draft|-l --lifetime`.split(/[|\n]/),
  switches: ['-y --yes', '-h --help', '-j --json'],
}
/** `import -f resources.json`; elsewhere `-f` has no value. */
const IMPORT: FlagTable = { ...FLAGS, values: [...(FLAGS.values ?? []), '-f --file'] }

/** Commands that change what a stack manages, or its state. */
const CHANGES: Readonly<Record<string, string>> = {
  up: 'up',
  update: 'up',
  destroy: 'destroy',
  down: 'destroy',
  dn: 'destroy',
  refresh: 'refresh',
  import: 'import',
  cancel: 'cancel',
  watch: 'watch',
}
/** Subcommands that change the stack, or what others share in the organization. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  state: 'delete edit move protect rename repair taint unprotect untaint upgrade'.split(' '),
  stack: 'change-secrets-provider delete import init new remove rename rm schedule tag webhook'.split(' '),
  deployment: ['cancel', 'run', 'settings'],
  env: 'clone delete edit init new remove rm rotate set settings tag version webhook schedule'.split(' '),
  package: ['delete', 'publish'],
  policy: ['disable', 'enable', 'publish', 'remove', 'rm', 'group'],
  template: ['publish'],
}
/** Groups whose things belong to the organization, and have no label. */
const SHARED: ReadonlySet<string> = new Set(['env', 'package', 'policy', 'template'])
/** Groups within groups, with the subcommands of theirs that change something. */
const INNER: ReadonlySet<string> = new Set(['group', 'schedule', 'settings', 'tag', 'version', 'webhook'])
const INNER_CHANGES =
  /^(configure|delete|destroy|disable|edit|enable|init|modify|new|pull|push|remove|retract|rm|rollback|set|update)$/
const READS: ReadonlySet<string> = new Set(
  'about api console deployment env history hist logs package policy preview pre query stack state template version whoami'.split(
    ' ',
  ),
)
/** Commands that concern only this machine, or the user's own files and logins. */
const LOCAL: ReadonlySet<string> = new Set(
  `ai config convert cloud completion esc gen-completion gen-markdown generate-cli-spec help insights install login logout
   neo new org plugin project replay-events schema view-trace`.split(/\s+/),
)
/** Folders above the working directory in which a project is looked for. */
const FOLDERS_MAX = 12

/** Pulumi, by the reference of version 3's commands. */
export const pulumi: Tool = { names: ['pulumi'], effects }

function effects(call: Call): readonly Found[] {
  const flags = flagsOf(call)
  const [verb, sub, third] = flags.words
  if (verb === undefined || flags.has('help', 'version')) return []
  const name = verb.text
  const say = (told: string, effect: Found['effect'], label?: string): readonly Found[] => [
    {
      label,
      verb: told,
      effect,
      target: label ? 'exact' : 'unknown',
      words: span(call.word, verb, sub?.text !== undefined && told.endsWith(sub.text) ? sub : undefined),
    },
  ]
  if (name === undefined) return say('unknown', 'unknown')
  if (name === 'env' && sub?.text === 'run')
    return call.innerArgs([...flags.words.slice(3), ...(flags.rest ?? [])])
  if (Object.hasOwn(CHANGES, name)) {
    const reads = flags.has('preview-only')
    const label = reads ? undefined : labelIn(call, flags, '', sub, name === 'cancel')
    return say(CHANGES[name] as string, reads ? 'reads' : 'changes', label)
  }
  const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined
  if (group && sub && sub.text === undefined) return say(name, 'unknown')
  if (group && sub?.text !== undefined && group.includes(sub.text)) {
    const told = `${name} ${sub.text}`
    if (isReading(name, sub.text, third)) return say(told, 'reads')
    const label = SHARED.has(name) ? undefined : labelIn(call, flags, told, third)
    // `state move --dest dev` changes both stacks.
    const dest = told === 'state move' ? flags.value('dest') : undefined
    const also = dest ? say(told, 'changes', labelIn(call, flags, told, third, false, dest)) : []
    return [...say(told, 'changes', label), ...also]
  }
  if (READS.has(name)) return say(name, 'reads')
  return LOCAL.has(name) ? [] : say(/^[a-z][a-z-]{0,30}$/.test(name) ? name : 'unknown', 'unknown')
}

function flagsOf(call: Call): Flags {
  const flags = parseFlags(call.args, FLAGS)
  return flags.words[0]?.text === 'import' ? parseFlags(call.args, IMPORT) : flags
}

/** `stack tag ls` and `deployment run preview` read. */
function isReading(group: string, sub: string, third: Word | undefined): boolean {
  if (INNER.has(sub) && !(group === 'env' && sub === 'tag'))
    return third?.text !== undefined ? !INNER_CHANGES.test(third.text) : third === undefined
  if (group === 'env' && sub === 'tag') return third?.text === 'ls' || third?.text === 'get'
  return group === 'deployment' && sub === 'run' && third?.text === 'preview'
}

const NAMED = /^stack (delete|init|new|remove|rm)$/

/** `stack rm dev`, `stack init dev` and `cancel dev` name their stack as a word. */
function labelIn(
  call: Call,
  flags: Flags,
  verb: string,
  word: Word | undefined,
  named = NAMED.test(verb),
  other?: Word,
): string | undefined {
  const given = other ?? flags.value('stack') ?? flags.value('source') ?? (named ? word : undefined)
  if (given && given.text === undefined) return undefined
  const folder = flags.value('cwd')
  if (folder && folder.text === undefined) return undefined
  const file = projectFile(call, joinPath(call.cwd, folder?.text))
  const parts = (given?.text ?? selected(call, file))?.split('/')
  const stack = parts?.at(-1)
  const project = parts?.length === 3 ? parts[1] : file?.project
  return stack && project ? labelOf('stack', `${project}/${stack}`) : undefined
}

interface ProjectFile {
  readonly path: string
  readonly project: string
}

/** The nearest Pulumi.yaml, in the folder or above. */
function projectFile(call: Call, folder: string | undefined): ProjectFile | undefined {
  let at = folder
  for (let up = 0; at !== undefined && up < FOLDERS_MAX; up++) {
    for (const name of ['Pulumi.yaml', 'Pulumi.yml']) {
      const path = `${at === '/' ? '' : at}/${name}`
      const text = call.read(path)
      const project = text === undefined ? undefined : textAt(readYaml(text, call.budget)[0], 'name')
      if (project !== undefined) return { path, project }
    }
    if (at === '/') return undefined
    at = joinPath(at, '..')
  }
  return undefined
}

/** The stack that `pulumi stack select` chose. Pulumi keeps it by a hash of the project file's path. */
function selected(
  { env, unknownEnv, context, read }: Call,
  file: ProjectFile | undefined,
): string | undefined {
  if (unknownEnv.has('PULUMI_STACK') || !file) return undefined
  if (env['PULUMI_STACK']) return env['PULUMI_STACK']
  const home = env['HOME'] ?? context.home
  const state = env['PULUMI_HOME'] ?? (home && `${home}/.pulumi`)
  // Loading node:crypto takes 8 ms, which every guarded command would wait for.
  const { createHash } = process.getBuiltinModule('node:crypto')
  const hash = createHash('sha1').update(file.path).digest('hex')
  const text = read(`${state}/workspaces/${file.project}-${hash}-workspace.json`)
  const stack = /"stack"\s*:\s*"([^"]+)"/.exec(text ?? '')?.[1]
  return stack
}
