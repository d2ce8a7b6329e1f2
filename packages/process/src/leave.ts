/**
 * Ends the process at once. `process.exit` waits for a look-up of a host's name that is still under way, and a silent
 * name server holds one up for ten seconds: then the process becomes another that ends by itself.
 */
export function leave(status: number): never {
  if (process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap'))
    try {
      process.execve?.('/bin/sh', ['sh', '-c', `exit ${status}`], {})
    } catch {
      // No shell there: the ordinary way ends too, only later.
    }
  process.exit(status)
}
