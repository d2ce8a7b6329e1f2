import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchFolder } from '../../../../e2e/support/scratch.ts'
import { syncCoordOutbox } from '../../src/index.ts'

export const HOUR_MS = 3_600_000
/** A line of the outbox, for a call that was made `agoMs` milliseconds ago. */
export const said = (agoMs: number, method: string, path: string, body: unknown = null) =>
  `${JSON.stringify({ ts: new Date(Date.now() - agoMs).toISOString(), method, path: `/api/coord/${path}`, body })}\n`
export const state = (name: string) => ({
  state: name,
  version: '0.3.0',
  notes: '...',
  updated_by: 'HOST/agent',
})

/** A project's folder with an outbox. */
export function project(text: string) {
  const folder = scratchFolder()
  mkdirSync(join(folder, '.claude'))
  const path = join(folder, '.claude/coord-queue.jsonl')
  writeFileSync(path, text)
  const aside = join(folder, '.claude/coord-queue.aside.jsonl')
  return {
    folder,
    path,
    aside: () => readFileSync(aside, 'utf8').split('\n').filter(Boolean),
    sync: (dsn: string) =>
      syncCoordOutbox({ dsn, cwd: folder, env: { HOME: folder, XDG_STATE_HOME: folder }, version: '0' }),
  }
}

/** A line for a component of the project `shop`. */
export const line = (name: string) => said(0, 'PUT', `components/shop/${name}`, state('built'))

/** The component that a request for such a line names. */
export const nameOf = ({ path }: { readonly path: string }) => path.split('?')[0]?.split('/').at(-1) ?? ''

/** The lines of a file, without the blank ones. */
export const linesOf = (path: string) => readFileSync(path, 'utf8').match(/^ *\S.*\n?/gm) ?? []
