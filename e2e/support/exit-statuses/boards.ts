import { chmodSync, readdirSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { presence } from '../cli.ts'
import { mariadb } from '../mariadb.ts'
import { scratchFolder } from '../scratch.ts'
import { newBoardOn } from '../servers.ts'
import { SqlServer } from '../sql-server.ts'

/** A presence server is no board that `migrate` can change. */
export const NO_SERVER_VERBS = { migrate: 2 }

async function httpServer(answer: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export function answering(
  status: number,
  code: string,
  message = 'no',
  headers: Record<string, string> = {},
) {
  return httpServer((_, response) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'presence-version': '9.9.9',
      'presence-api': '2',
      ...headers,
    })
    response.end(JSON.stringify({ detail: message, error: { code, message, remedy: 'ask' } }))
  })
}

export async function onMariadb<T>(
  work: (connection: Awaited<ReturnType<typeof SqlServer.connectTo>>) => Promise<T>,
) {
  const connection = await SqlServer.connectTo(mariadb?.port ?? 0)
  try {
    return await work(connection)
  } finally {
    connection.destroy()
  }
}

/** An account with a password on a migrated board. */
export async function account(): Promise<{ name: string; where: string; database: string }> {
  const { database } = await newBoardOn(mariadb?.port ?? 0)
  const name = `u${database.slice(-10)}`
  await onMariadb(async connection => {
    await connection.query(`CREATE USER ${name}@'%' IDENTIFIED BY 's3cret'`)
    await connection.query(`GRANT ALL ON ${database}.* TO ${name}@'%'`)
  })
  return { name, where: `127.0.0.1:${mariadb?.port}/${database}`, database }
}

/** A board in a file of root's, in a folder of its own. */
export async function boardOfRoot(mode: number): Promise<string> {
  const folder = scratchFolder()
  const file = join(folder, 'board.db')
  await presence(['list'], { env: { PRESENCE_DSN: `sqlite:${file}` } })
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), mode)
  chmodSync(folder, 0o755)
  return file
}
