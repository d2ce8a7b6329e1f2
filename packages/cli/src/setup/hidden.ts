/**
 * A DSN as it is shown while somebody types it: without its password, and without what may become one. Only the `@`
 * tells a password from a port.
 */
export function shownWhileTyped(text: string): string {
  const [, before, rest] = /^([a-z][a-z0-9+.-]*:\/{0,2}[^/?#@:]*:)(.*)$/is.exec(text) ?? []
  // Without a scheme, what stands before the @ is a user and a password.
  if (before === undefined || rest === undefined) return text.replace(/^([^:]*:)(?!\/\/).*(?=@)/s, '$1***')
  const at = rest.lastIndexOf('@')
  if (at >= 0) return `${before}***${rest.slice(at)}`
  return /^\d{1,5}[/?]/.test(rest) ? text : before + '*'.repeat(rest.length)
}
