import { describe, expect, it } from 'vitest'
import { engineOfAnswer, engineOfGreeting } from './engine.ts'
import { readGreeting } from './greeting.ts'

/** A greeting as a server sends it. */
function greetingOf(version: string, capabilities: number, status: number): Buffer {
  const flags = Buffer.alloc(5)
  flags.writeUInt16LE(capabilities, 0)
  flags[2] = 45
  flags.writeUInt16LE(status, 3)
  const payload = [
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    Buffer.alloc(4 + 8 + 1, 7),
    flags,
    Buffer.alloc(40),
  ]
  const body = Buffer.concat(payload)
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body])
}

/** The greeting of Dolt 1.83. */
const DOLT =
  '4a0000000a382e302e333300020000006b47125408143907008fa22100003b011500000000000000000000587f5a50166f267f6c585f43006d7973716c5f6e61746976655f70617373776f726400'

describe("a server's greeting", () => {
  it('tells the version and whether it offers TLS and autocommit', () => {
    expect(readGreeting(greetingOf('5.5.5-10.11.19-MariaDB', 0xfffe, 2))).toEqual({
      version: '5.5.5-10.11.19-MariaDB',
      tls: true,
      autocommit: true,
    })
    expect(readGreeting(greetingOf('8.4.0', 0xf7fe, 0))).toEqual({
      version: '8.4.0',
      tls: false,
      autocommit: false,
    })
    expect(readGreeting(Buffer.from(DOLT, 'hex'))).toMatchObject({ version: '8.0.33', tls: false })
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an error', Buffer.from([20, 0, 0, 0, 0xff, 0x10, 0x04, ...Buffer.from('Too many')])],
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['half a greeting', greetingOf('8.4.0', 0, 0).subarray(0, 20)],
    ['a version without an end', Buffer.concat([Buffer.from([90, 0, 0, 0, 10]), Buffer.alloc(90, 65)])],
  ])('is not read from %s', (_, bytes) => {
    expect(readGreeting(bytes)).toBeUndefined()
  })
})

describe('the engine', () => {
  it('is recognised by the greeting if that is specific', () => {
    expect(engineOfGreeting('5.5.5-10.11.19-MariaDB-0+deb12u1')).toMatchObject({ branches: false })
    expect(engineOfGreeting('11.8.2-MariaDB')).toMatchObject({ name: 'MariaDB' })
    expect(engineOfGreeting('8.0.33')).toBeUndefined()
  })

  it.each([
    ['Dolt', '8.0.33', 'Dolt', true],
    ['Debian 12', '10.11.19-MariaDB-0+deb12u1', 'MariaDB', false],
    ['MySQL Community Server - GPL', '8.4.0', 'MySQL', false],
  ])('is recognised by the answer: %s %s is %s', (comment, version, name, branches) => {
    expect(engineOfAnswer({ comment, version })).toMatchObject({ name, branches })
  })
})
