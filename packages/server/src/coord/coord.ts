import type { AddRoutes } from '../route.ts'
import { addComponents } from './components.ts'
import { addLockRelease } from './lock-release.ts'
import { addLocks } from './locks.ts'
import { addMessages } from './messages.ts'
import { addSessions } from './sessions.ts'
import { addStatus } from './status.ts'
import { addWorkItems } from './work-items.ts'
import { addWorkflows } from './workflows.ts'

const GROUPS: readonly AddRoutes[] = [
  addLocks,
  addLockRelease,
  addComponents,
  addWorkflows,
  addWorkItems,
  addMessages,
  addStatus,
  addSessions,
]

/** Seed 003's coordination API, backed by the board's own claims. */
export const addCoord: AddRoutes = (app, context) => {
  for (const add of GROUPS) add(app, context)
}
