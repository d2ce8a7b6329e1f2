import type { Call } from '../tool.ts'

const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1', '[::1]', '0.0.0.0', '.'])

/** A machine by a host name: the names of this machine's own loopback mean the machine that the command runs on. */
export function machineOf(call: Pick<Call, 'host'>, name: string | undefined): string | undefined {
  if (name === undefined || name === '') return undefined
  return LOCAL.has(name.toLowerCase()) ? call.host : name.replace(/^\[|\]$|\.$/g, '').toLowerCase()
}
