import { join } from 'node:path'
import { configFolder, othersAt, replacersOf, stateFolder, writersOf } from '@presence/core/internal'
import type { Context } from './context.ts'
import { broken, type Finding, note, ok } from './finding.ts'

/** Reports folders of presence in which another user could put something, and what is not used because of that. */
export function checkFolders({ env }: Context): readonly Finding[] {
  const state = stateFolder(env)
  const own = [state, join(state, 'hooks'), join(state, 'queue'), configFolder(env)]
  const theirs = own.flatMap(folder => {
    const flaw = othersAt(folder)
    return flaw
      ? [broken('folders', `${flaw.reason}, so presence doesn't use what is in it`, flaw.remedy)]
      : []
  })
  const open = theirs.length > 0 ? [] : own.flatMap(folder => writersOf(folder) ?? [])
  const replaceable = theirs.length > 0 ? [] : [replacersOf(state) ?? []].flat()
  const notes = [...open, ...replaceable].map(({ reason, remedy }) => note('folders', reason, remedy))
  return theirs.length + notes.length > 0
    ? [...theirs, ...notes]
    : [ok('folders', `only you can write to ${state}`)]
}
