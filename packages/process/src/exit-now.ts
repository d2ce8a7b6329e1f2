/**
 * Handles that can delay `process.exit`, possibly forever: a host name look-up (10 s if the name server is
 * silent), and a blocked open or read of a file, such as standard input that is never closed.
 */
const HOLDING_UP = ['GetAddrInfoReqWrap', 'FSReqCallback', 'FSReqPromise']

/**
 * Ends the process at once. If an open handle would delay the exit, replaces the process with a shell that
 * exits immediately.
 */
export function exitNow(status: number): never {
  if (process.getActiveResourcesInfo().some(resource => HOLDING_UP.includes(resource)))
    try {
      process.execve?.('/bin/sh', ['sh', '-c', `exit ${status}`], {})
    } catch {
      // Ignore: without /bin/sh, `process.exit` below ends the process too, only later.
    }
  process.exit(status)
}
