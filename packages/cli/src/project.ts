import { projectOf, type Refused } from '@presence/core'
import type { Io } from './io.ts'

/** The project named by the caller, otherwise the folder's project. */
export async function projectHere(named: string | undefined, io: Io): Promise<string | undefined> {
  return named ?? (await projectOf(io.cwd, io.env))
}

export function noProject(): Refused {
  return {
    ok: false,
    refusal: {
      code: 'invalid_project',
      message: 'this folder belongs to no project',
      remedy: 'name one: --project web-shop, or "project" in .presence/config.json',
    },
  }
}
