import { join } from 'node:path'
import { LABELS, WORKERS } from './plan.ts'
import type { Product } from './product.ts'
import { CallRecorder, Recorder } from './recorder.ts'

const TRIES_MAX = 20
const INBOX_MAX = 500

/** After the workers have ended: delivers the outboxes, then reads the whole board. */
export async function lookAtEnd(
  product: Product,
  { dsn, folder, deadlineMs }: { readonly dsn: string; readonly folder: string; readonly deadlineMs: number },
): Promise<void> {
  const recorder = new Recorder(join(folder, 'history', 'end.jsonl'))
  for (const worker of WORKERS.filter(({ name }) => name.endsWith('1'))) {
    const { session, home } = worker
    const calls = new CallRecorder(recorder, `end-${worker.name}`, session, home)
    const env = { HOME: join(folder, home) }
    const board = await product.openBoard({ dsn, session, env, cwd: '/', deadlineMs })
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const { replayed } = await calls.call('sync', {}, async () => ({ replayed: await board.sync() }))
      if (replayed?.left === 0) break
      await new Promise(resolve => setTimeout(resolve, 500))
    }
    const read = async (...[verb, args, ask]: Parameters<CallRecorder['call']>) => {
      for (let tries = 0; tries < TRIES_MAX; tries++) if ((await calls.call(verb, args, ask)).ok) return
    }
    await read('list', {}, () => board.list())
    await read('inbox', { unreadOnly: false }, () => wholeInbox(board))
    for (const label of LABELS) {
      await read('peek', { label }, () => board.peek(label))
      if (worker === WORKERS[0])
        await read('log', { label }, () => board.log({ label, limit: 10_000, since: '7d' }))
    }
    await board.close()
  }
}

type Board = Awaited<ReturnType<Product['openBoard']>>

async function wholeInbox(board: Board): Promise<unknown> {
  const rows: unknown[] = []
  let before: string | undefined
  do {
    const page = await board.messages.inbox({ limit: INBOX_MAX, ...(before ? { before } : {}) })
    if (!page.ok) return page
    rows.push(...page.rows)
    before = page.next
  } while (before !== undefined)
  return { ok: true, rows, next: undefined }
}
