import { resolveBoard } from '../config/board.ts'
import { DEADLINE_MS_DEFAULT, Deadline } from '../deadline.ts'
import { isFault } from '../domain/fault.ts'
import type { HttpAnswer, HttpRequest } from '../remote/message.ts'
import type { OpenBoardsOptions } from './open-boards.ts'

/** A presence server, for requests other than a board's verbs. */
export interface Server extends AsyncDisposable {
  /** Sends a request. Undefined if no presence server answers. */
  ask(request: HttpRequest): Promise<HttpAnswer | undefined>
}

/**
 * Opens the server that a board is behind. Undefined if the board is reached without a server. Connects to
 * nothing before the first call.
 *
 * @throws PresenceError `invalid_dsn` or `invalid_config`
 */
export async function openServer(options: OpenBoardsOptions = {}): Promise<Server | undefined> {
  const { dsn: text, env = process.env, cwd = process.cwd(), deadlineMs = DEADLINE_MS_DEFAULT } = options
  const { dsn } = await resolveBoard(text, env, cwd)
  if (dsn.scheme !== 'http') return undefined
  const [{ HttpClient }, { VERSION_HEADER }] = await Promise.all([
    import('../remote/http.ts'),
    import('../remote/headers.ts'),
  ])
  const client = new HttpClient(dsn)
  return {
    ask: async request => {
      try {
        const answer = await client.send(request, Deadline.after(deadlineMs))
        // Without our header the answer is from a proxy: ignore it.
        return answer.headers[VERSION_HEADER] === undefined ? undefined : answer
      } catch (error) {
        if (isFault(error)) return undefined
        throw error
      }
    },
    [Symbol.asyncDispose]: async () => client.close(),
  }
}
