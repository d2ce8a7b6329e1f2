import { broken, type Finding, ok } from './finding.ts'

/** As in the package's `engines`. */
const NODE_MIN = [22, 16] as const

export function checkNode(): readonly Finding[] {
  return [judgeNode(process.versions.node)]
}

export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
    ? ok('node', `Node ${version}`)
    : broken(
        'node',
        `Node ${version} is older than ${NODE_MIN.join('.')}`,
        `install Node ${NODE_MIN[0]} or newer`,
      )
}
