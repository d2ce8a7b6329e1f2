import { dirname, join } from 'node:path'
import { PRESENCE } from './cli.ts'

/** The Node of this checkout. */
const NODE = join(import.meta.dirname, '../../node_modules/node/bin/node')

/** A PATH on which that Node comes first. */
export const PATH = `${dirname(NODE)}:${process.env['PATH']}`

/** How users start presence: by the checkout's launcher, or by the command of one file. */
export const LAUNCHERS: readonly (readonly [name: string, path: string])[] = [
  ['the launcher', PRESENCE],
  ['the command of one file', join(import.meta.dirname, '../../dist/presence')],
]
