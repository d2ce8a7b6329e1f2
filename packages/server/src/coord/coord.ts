import type { AddRoutes } from '../app.ts'
import { addLockRelease } from './lock-release.ts'
import { addLocks } from './locks.ts'

const GROUPS: readonly AddRoutes[] = [addLocks, addLockRelease]

/** Seed 003's coordination API, on the board's own claims. */
export const addCoord: AddRoutes = (app, context) => {
  for (const add of GROUPS) add(app, context)
}
