/** The oldest Node that presence runs on; the launchers check the same (packages/process/trouble.sh). */
const NODE_MIN = [22, 16] as const

/** The oldest Node that presence runs on, if this Node is older. */
export function newerNodeNeeded(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isOlder = major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])
  return isOlder ? NODE_MIN.join('.') : undefined
}
