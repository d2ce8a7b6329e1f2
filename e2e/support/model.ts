import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Protocol, Script } from './models/protocol.ts'

export interface Model {
  readonly url: string
  /** What the model would have read, for each turn that the agent asked for. */
  readonly asked: readonly string[]
  /** The part of it that came since the turn before. */
  readonly news: readonly string[]
}

/**
 * Replaces the API of an agent's model, which is not available here: it plays the given turns, independent of
 * what it is asked. The agent itself is the real one.
 *
 * @param onTurn called before the answer to each turn, with its number from 0 on
 */
export async function startModel(
  turns: Script,
  protocol: Protocol,
  onTurn: (number: number) => void = () => {},
): Promise<Model> {
  const asked: string[] = []
  const news: string[] = []
  let known = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const read = protocol.read(request.url ?? '', Buffer.concat(chunks).toString())
      if (read === undefined) {
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"type":"error"}')
        return
      }
      onTurn(asked.length)
      asked.push(JSON.stringify(read))
      news.push(JSON.stringify(read.slice(known)))
      known = read.length
      const next = turns[asked.length - 1] ?? { text: 'done' }
      const turn = typeof next === 'function' ? next(news.at(-1) ?? '') : next
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(protocol.answer(turn, randomUUID().slice(0, 8)))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, news }
}
