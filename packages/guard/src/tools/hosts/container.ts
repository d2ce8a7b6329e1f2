import type { Flags } from '../support/index.ts'
import type { Call, Found, InnerOptions, Word } from '../tool.ts'

/** Images whose entry point is a program that the guard knows, by their names without registry and tag. */
const PROGRAMS: Readonly<Record<string, string>> = {
  argocd: 'argocd',
  'aws-cli': 'aws',
  'flux-cli': 'flux',
  helm: 'helm',
  kubectl: 'kubectl',
  opentofu: 'tofu',
  pulumi: 'pulumi',
  terraform: 'terraform',
  terragrunt: 'terragrunt',
}

/** The program that runs a container's command: that of `--entrypoint`, or that of a known image. */
export function programOf(image: Word, entrypoint?: Word): Word | undefined {
  if (entrypoint) return entrypoint.text ? entrypoint : undefined
  const name = /([^/:@]+)(?::[^/@]*)?(?:@.*)?$/.exec(image.text ?? '')?.[1]
  return name && Object.hasOwn(PROGRAMS, name) ? { ...image, text: PROGRAMS[name] } : undefined
}

/** The effects of a command in a container, which an image's own program may run. */
export function inside(
  call: Call,
  flags: Flags,
  command: readonly Word[],
  program?: Word | undefined,
): readonly Found[] {
  const more: InnerOptions = { isRemote: true, host: undefined, env: environment(call, flags) }
  const found = call.innerArgs(command, more)
  return found.length > 0 || !program ? found : call.innerArgs([program, ...command], more)
}

/** What `-e NAME=value`, `-e NAME` and `--user` set in a container. */
function environment(call: Call, flags: Flags): Readonly<Record<string, string | undefined>> {
  const env: Record<string, string | undefined> = {}
  const user = flags.value('user')
  if (user) env['USER'] = user.text?.split(':')[0]
  for (const { text, start } of flags.values('env')) {
    const [, name, value] = /^(\w+)(?:=([\s\S]*))?$/.exec(text ?? start ?? '') ?? []
    if (name) env[name] = text === undefined ? undefined : (value ?? call.env[name])
  }
  return env
}

/** The container that `cp` copies into. */
export function targetOf(words: readonly Word[]): Word | undefined {
  const last = words.at(-1)
  const text = last?.text ?? last?.template ?? ''
  const colon = text.indexOf(':')
  if (!last || words.length < 2 || colon <= 0 || /^[./]/.test(text)) return undefined
  const isKnown = last.text !== undefined || (last.start ?? '').includes(':')
  return { ...last, text: isKnown ? text.slice(0, colon) : undefined }
}
