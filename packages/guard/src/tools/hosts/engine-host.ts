import { joinPath } from '../stacks/paths.ts'
import type { Flags } from '../support/index.ts'
import type { Call } from '../tool.ts'
import type { Engine } from './engine.ts'
import { machineOf } from './machine.ts'

/** The engine's machine: by `-H`, `DOCKER_HOST` or the context, else the machine that the command runs on. */
export function engineOf(call: Call, flags: Flags): Engine {
  const { env, unknownEnv } = call
  const given = flags.value('host') ?? flags.value('url')
  if (given) return { host: given.text === undefined ? undefined : machineIn(call, given.text) }
  const context = flags.value('context')
  if (context) return { host: contextHost(call, flags, context.text) }
  const connection = flags.value('connection')
  if (connection) return { host: undefined }
  if (unknownEnv.has('DOCKER_HOST') || unknownEnv.has('DOCKER_CONTEXT')) return { host: undefined }
  const address = env['DOCKER_HOST'] ?? env['CONTAINER_HOST']
  if (address) return { host: machineIn(call, address) }
  const isDocker = call.name.startsWith('docker')
  const named = env['DOCKER_CONTEXT'] ?? (isDocker ? currentContext(call, flags) : undefined)
  return { host: named ? contextHost(call, flags, named) : call.host }
}

/** `ssh://ana@db1`, `tcp://10.0.0.1:2376`, `unix:///run/docker.sock`. */
function machineIn(call: Call, address: string): string | undefined {
  if (/^(unix|npipe|fd):/.test(address) || address.startsWith('/')) return call.host
  const host = /^(?:\w+:\/\/)?(?:[^/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(address)?.[1]
  return machineOf(call, host)
}

/** The folder of Docker's settings. */
function settings({ env, context }: Call, flags: Flags): string | undefined {
  const given = flags.value('config')
  if (given) return given.text
  return env['DOCKER_CONFIG'] ?? joinPath(context.home ?? env['HOME'], '.docker')
}

/** The context that `docker context use` set. Of the file only its name is used. */
function currentContext(call: Call, flags: Flags): string | undefined {
  const folder = settings(call, flags)
  const { currentContext: name } = json(folder && call.read(`${folder}/config.json`))
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** The machine of a context: each has a file with its name and its engine's address. */
function contextHost(call: Call, flags: Flags, name: string | undefined): string | undefined {
  if (name === 'default') return call.host
  const folder = settings(call, flags)
  if (name === undefined || folder === undefined) return undefined
  for (const id of call.list(`${folder}/contexts/meta`) ?? []) {
    const meta = json(call.read(`${folder}/contexts/meta/${id}/meta.json`))
    if (meta['Name'] !== name) continue
    const address = object(object(meta['Endpoints'])['docker'])['Host']
    return typeof address === 'string' ? machineIn(call, address) : undefined
  }
  return undefined
}

function json(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return object(text === undefined ? {} : JSON.parse(text))
  } catch {
    return {}
  }
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
