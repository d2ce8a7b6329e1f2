import { generateKeyPairSync } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { presence } from './support/cli.ts'
import { scratchFolder } from './support/scratch.ts'

const SCRAMBLE = Buffer.alloc(20, 'A')
/**
 * MySQL 8's greeting without TLS: a client with such an account then requests a key to encrypt the password
 * with.
 */
const GREETING = Buffer.concat([
  Buffer.from([10]),
  Buffer.from('8.0.30\0'),
  Buffer.from([1, 0, 0, 0]),
  SCRAMBLE.subarray(0, 8),
  // Protocol 4.1, secure connection, authentication plugins, a database in the answer.
  Buffer.from([0, 0x09, 0xa2, 33, 2, 0, 0x0a, 0x00, 21]),
  Buffer.alloc(10),
  SCRAMBLE.subarray(8),
  Buffer.from('\0caching_sha2_password\0'),
])
const SWITCH = Buffer.concat([
  Buffer.from([0xfe]),
  Buffer.from('caching_sha2_password\0'),
  SCRAMBLE,
  Buffer.from([0]),
])
const ASK_FOR_ALL = Buffer.from([1, 4])

function packet(sequence: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, sequence]), body])
}

/** Impersonates a server, and requests the password encrypted with its own key. Records what it received. */
async function startRogue(): Promise<{ readonly port: number; readonly asked: string[] }> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const key = Buffer.from(String(publicKey.export({ type: 'spki', format: 'pem' })))
  const asked: string[] = []
  const serve = (socket: Socket) => {
    let step = 0
    socket.on('error', () => {})
    socket.write(packet(0, GREETING))
    socket.on('data', bytes => {
      const next = (bytes[3] ?? 0) + 1
      step++
      if (step === 1) socket.write(packet(next, SWITCH))
      else if (step === 2) socket.write(packet(next, ASK_FOR_ALL))
      else if (step === 3) {
        asked.push('a key')
        socket.write(packet(next, Buffer.concat([Buffer.from([1]), key])))
      } else {
        asked.push('the password')
        socket.end()
      }
    })
  }
  const server = createServer(serve)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, asked }
}

it('a server without TLS that asks for the password itself does not get it, and the error says why', async () => {
  const rogue = await startRogue()
  const env = {
    HOME: scratchFolder(),
    PRESENCE_DSN: `mysql://presence@127.0.0.1:${rogue.port}/presence`,
    PRESENCE_PASSWORD: 'hunter2-of-the-team',
  }
  const said = await presence(['--strict', 'list'], { env })
  expect(said.status).toBe(3)
  expect(said.stderr).toContain('the server asks for the password in a form that is safe only over TLS')
  expect(said.stderr).toContain('hint: add ssl=verify-identity to the DSN')
  expect(said.stderr).not.toContain('hunter2')
  expect(rogue.asked, 'it was reached').toContain('a key')
  expect(rogue.asked).not.toContain('the password')
})
