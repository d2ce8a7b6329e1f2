import type { SeenSession } from '@presence/core'
import { oneLine, worksInMain } from '@presence/core/internal'
import { folderOfRole, refuse, sessionsAt } from '@presence/worktree'
import { answer } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { askWho } from './ask-who.ts'
import { agreedToClaims } from './consent.ts'
import { inRepository } from './in-repository.ts'
import { endSession } from './presence.ts'

interface Ended {
  readonly id: string
  readonly released: readonly string[]
}

/** Ends this process's own session. */
export async function endOwn(globals: Globals, io: Io): Promise<number> {
  return answer(globals, io, async board => {
    const { id, place } = board.session
    const speaker = { role: place?.role ?? '', path: io.cwd, sessionId: id, env: io.env }
    return linesOf([{ id, released: await endSession(speaker, globals, io) }])
  })
}

/** Ends the sessions of a role on this host, for example if one died or its terminal is gone. */
export function endRole(role: string, yes: boolean, globals: Globals, io: Io): Promise<number> {
  return inRepository(globals, io, async ({ repository, rules }) => {
    const own = folderOfRole(repository, role)
    if (!own.ok) return own
    const present = await askWho(globals, io)
    if (!present.known) throw present.fault
    const inMain = worksInMain(role, rules)
    const path = inMain ? repository.main : own.path
    const isOf = ({ session, state }: SeenSession) =>
      state !== 'inactive' && (!inMain || session.place?.role === role)
    const sessions = sessionsAt(present, path).filter(isOf)
    if (sessions.length === 0)
      return refuse('no_such_session', `no session of ${role} is on the board`, 'see: presence who')
    const refused = await agreedToClaims('End', { path, present: { ...present, sessions } }, yes, globals, io)
    if (refused) return refused
    const ended: Ended[] = []
    for (const { session } of sessions) {
      const speaker = { role, path, sessionId: session.id, env: io.env, place: session.place }
      ended.push({ id: session.id, released: await endSession(speaker, globals, io) })
    }
    return linesOf(ended)
  })
}

function linesOf(ended: readonly Ended[]) {
  return {
    lines: ended.map(({ id, released }) => {
      const labels = released.map(oneLine).join(', ')
      return `presence: ended ${oneLine(id)}${labels === '' ? '' : `, released ${labels}`}`
    }),
    json: ended.map(({ id, released }) => ({ session_id: id, released })),
  }
}
