import { PresenceError } from '../../domain/fault.ts'

/** Why the driver can't run inside of this bundle, once that is known. */
let unbundled: PresenceError | undefined

/**
 * Loads the driver. It is an optional peer of the library, so that boards in a file and over HTTP need no driver. The
 * commands have it in their bundle.
 *
 * @throws PresenceError `cannot_start` if it is not installed, or can't run inside of the caller's bundle
 */
export async function loadDriver(): Promise<typeof import('mysql2')> {
  // Some bundles return half a driver the second time.
  if (unbundled) throw unbundled
  try {
    return await import('mysql2')
  } catch (cause) {
    const fault = driverFault(cause)
    if (fault && !isMissing(cause)) unbundled = fault
    throw fault ?? cause
  }
}

/** What an error of the import means. Undefined for an error of the driver itself. */
export function driverFault(cause: unknown): PresenceError | undefined {
  if (isMissing(cause))
    return new PresenceError(
      'cannot_start',
      'the package mysql2, the driver for boards on a database server, is not installed',
      'add it to your project: npm install mysql2',
      { cause },
    )
  if (isBundled(cause))
    return new PresenceError(
      'cannot_start',
      "the package mysql2, the driver for boards on a database server, can't run inside of this bundle",
      'leave mysql2 out of the bundle (esbuild: --external:mysql2), and install it where the bundle runs',
      { cause },
    )
  return undefined
}

/** Node names the package that it didn't find. Another name is a package that the driver needs itself. */
function isMissing(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(code) && message.includes("'mysql2'")
}

/** The driver is CommonJS. In a bundle that is an ES module, its `require` fails: esbuild, Rolldown, or none of them. */
function isBundled(error: unknown): boolean {
  const { message = '' } = error as { message?: string }
  return /^Dynamic require of "|^Calling `require` for "|^require is not defined/.test(message)
}
