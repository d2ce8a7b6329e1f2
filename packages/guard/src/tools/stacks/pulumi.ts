import { readYaml, textAt } from '../../yaml/index.ts'
import { type Flags, type FlagTable, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { joinPath } from './paths.ts'

const FLAGS: FlagTable = {
  values:
    `-s --stack|-C --cwd|-m --message|-p --parallel|-t --target|--target-replace|--exclude|-r --replace|-c --config
--config-file|--config-path|--color|--policy-pack|--policy-pack-config|-v --verbose|--secrets-provider|--exec-kind|--plan
--save-plan|--remote-env|--remote-git-branch|--tracing|--profiling|--memprofilerate|-e --env|--attach-debugger|-f --file
-o --out|--import-file|--parent|--provider|--properties|--name|--dest|--source|--runtime|--description`.split(
      /[|\n]/,
    ),
  switches: ['-y --yes', '-f --skip-preview', '-h --help', '-j --json'],
}
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
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  state: 'delete edit move protect rename repair taint unprotect untaint upgrade'.split(' '),
  stack: 'change-secrets-provider import init rename rm tag'.split(' '),
  deployment: ['run', 'settings'],
}
const READS: ReadonlySet<string> = new Set(
  'about console deployment history hist logs preview pre stack state version whoami'.split(' '),
)
const LOCAL: ReadonlySet<string> = new Set(
  `ai config convert env gen-completion install login logout new org package plugin policy project replay-events schema
   template help esc cloud`.split(/\s+/),
)
/** Folders above the working directory in which a project is looked for. */
const FOLDERS_MAX = 12

/** Pulumi, by the reference of version 3's commands. */
export const pulumi: Tool = { names: ['pulumi'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb, sub, third] = flags.words
  if (verb === undefined || flags.has('help', 'h', 'version')) return []
  const say = (told: string, effect: Found['effect'], label?: string): readonly Found[] => [
    {
      label,
      verb: told,
      effect,
      target: label ? 'exact' : 'unknown',
      words: span(call.word, verb, label ? sub : undefined),
    },
  ]
  const name = verb.text
  if (name === undefined) return say('unknown', 'unknown')
  const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined
  if (group && sub?.text !== undefined && group.includes(sub.text)) {
    if (sub.text === 'tag' && third?.text !== 'set' && third?.text !== 'rm') return say('stack tag', 'reads')
    if (sub.text === 'settings') return say('deployment settings', 'unknown')
    return say(
      `${name} ${sub.text}`,
      'changes',
      labelIn(call, flags, name === 'stack' ? sub.text : '', third),
    )
  }
  if (Object.hasOwn(CHANGES, name)) {
    const reads = flags.has('preview-only')
    return say(
      CHANGES[name] as string,
      reads ? 'reads' : 'changes',
      reads ? undefined : labelIn(call, flags, '', sub, name === 'cancel'),
    )
  }
  if (READS.has(name)) return say(name, 'reads')
  return LOCAL.has(name) ? [] : say(name, 'unknown')
}

/** `stack rm dev`, `stack init dev` and `cancel dev` name their stack as a word. */
function labelIn(
  call: Call,
  flags: Flags,
  sub: string,
  word: Word | undefined,
  named = false,
): string | undefined {
  const given = flags.value('stack') ?? (named || sub === 'rm' || sub === 'init' ? word : undefined)
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
