import { parse } from 'unbash'
import { UNKNOWN_MARK } from '../../unknown.ts'
import type { Word } from '../tool.ts'
import { CHANGING, RUNNERS } from './inside-programs.ts'

const SHELLS: ReadonlySet<string> = new Set('ash bash dash ksh sh zsh'.split(' '))
/** Longer scripts aren't read. */
const MAX_SCRIPT = 16 * 1024
/** Shells in shells are followed this deep. */
const DEPTH_MAX = 4

/**
 * Whether a command that runs in a container changes that container or what it serves. On this machine's own files the
 * guard is silent; a container is shared with others.
 */
export function changesInside(words: readonly Word[]): boolean {
  return changes(
    words.map(word => word.text ?? word.template ?? UNKNOWN_MARK),
    0,
  )
}

function changes(words: readonly string[], depth: number): boolean {
  const [path = '', ...args] = words
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (depth > DEPTH_MAX) return false
  if (/^\w+=/.test(path)) return changes(args, depth + 1)
  if (SHELLS.has(name)) return scriptChanges(scriptOf(args), depth)
  if (Object.hasOwn(RUNNERS, name)) return changes(after(args, RUNNERS[name] ?? 0), depth + 1)
  if (name === 'find') {
    const inner = args.findIndex(arg => /^-(exec|execdir|ok|okdir)$/.test(arg))
    return args.includes('-delete') || (inner >= 0 && changes(args.slice(inner + 1), depth + 1))
  }
  if (args.includes('--dry-run')) return false
  return Object.hasOwn(CHANGING, name) && CHANGING[name]?.test(args.join(' ')) === true
}

/** The command of a runner: after its flags, assignments and operands. */
function after(args: readonly string[], operands: number): readonly string[] {
  const first = args.findIndex(arg => !/^-|^\w+=/.test(arg))
  return first < 0 ? [] : args.slice(first + operands)
}

/** What `sh -c` runs. */
function scriptOf(args: readonly string[]): string {
  const flag = args.findIndex(arg => /^-\w*c$/.test(arg))
  return flag < 0 ? '' : (args.slice(flag + 1).find(arg => !arg.startsWith('-')) ?? '')
}

/** Whether one of a script's commands changes something, or writes to a file. */
function scriptChanges(script: string, depth: number): boolean {
  if (script === '' || script.length > MAX_SCRIPT) return false
  return someNode(parse(script), node => {
    if (node['type'] === 'Command') {
      const { name, args } = node as unknown as { name?: Part; args: readonly Part[] }
      return name !== undefined && changes([name, ...args].map(textOf), depth + 1)
    }
    const operator = node['operator']
    if (node['type'] !== 'Redirect' || typeof operator !== 'string' || !/^(>>?|>\||&>>?)$/.test(operator))
      return false
    return !/^\/dev\/(null|std\w+|tty|fd\/\d+)$/.test(textOf(node['target'] as Part | undefined))
  })
}

interface Part {
  readonly value?: string
}
const textOf = (part: Part | undefined) => part?.value ?? UNKNOWN_MARK

type Node = Readonly<Record<string, unknown>>

/** Whether a node of a parsed script, at any depth, is one that is looked for. */
function someNode(node: unknown, isOne: (node: Node) => boolean): boolean {
  const left: unknown[] = [node]
  while (left.length > 0) {
    const each = left.pop()
    if (typeof each !== 'object' || each === null) continue
    if (!Array.isArray(each) && isOne(each as Node)) return true
    left.push(...Object.values(each))
  }
  return false
}
