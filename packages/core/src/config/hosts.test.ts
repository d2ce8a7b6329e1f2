import { describe, expect, it } from 'vitest'
import { isAmong, isLoopback, isLoopbackUrl, originOf, trustedHosts } from './hosts.ts'

describe('the loopback check by host name', () => {
  it.each(['localhost', 'a.localhost', '127.0.0.1', '127.1.2.3', '::1'])('accepts %s', host => {
    expect(isLoopback(host)).toBe(true)
  })
  it.each(['localhost.example', '127.0.0.1.example', '128.0.0.1', '0.0.0.0', '::', 'xlocalhost'])(
    'rejects %s',
    host => {
      expect(isLoopback(host)).toBe(false)
    },
  )
})

describe('the host of a URL', () => {
  it.each([
    ['http://localhost:8787', true],
    ['http://LOCALHOST:8787/x', true],
    ['http://127.0.0.1:1/hooks/claude-code', true],
    ['http://0x7f.1:1', true],
    ['http://[::1]:8787', true],
    ['https://localhost', true],
    ['http://localhost:x@board.example:8787', false],
    ['http://localhost@board.example', false],
    ['http://127.0.0.1:80@192.0.2.2', false],
    ['http://localhost.board.example', false],
    ['http://localhost%40board.example', false],
    ['http://board.example#localhost', false],
    ['http://board.example/?http://localhost', false],
    ['http:\\\\board.example\\@localhost', false],
    ['//localhost', false],
    ['localhost:8787', false],
    ['', false],
  ])('of %s is this machine: %s', (url, is) => {
    expect(isLoopbackUrl(url)).toBe(is)
  })

  it.each([
    ['https://Board.Example:443/a?b', 'https://board.example'],
    ['http://board.example:8787', 'http://board.example:8787'],
    ['http://localhost:x@board.example:8787', undefined],
    ['http://user@board.example', undefined],
    ['ftp://board.example', undefined],
    ['mysql://board.example/x', undefined],
    ['nonsense', undefined],
  ])('with its port is the destination: %s leads to %s', (url, origin) => {
    expect(originOf(url)).toBe(origin)
  })
})

describe('PRESENCE_TRUST', () => {
  const hosts = (text: string) => trustedHosts({ PRESENCE_TRUST: text })

  it.each([
    ['', []],
    [' , ', []],
    ['db.example', [{ host: 'db.example', port: undefined }]],
    [
      ' DB.Example. , board.example:8443,',
      [
        { host: 'db.example', port: undefined },
        { host: 'board.example', port: 8_443 },
      ],
    ],
    [
      '[::1]:3306,::1,[2001:DB8::1]',
      [
        { host: '::1', port: 3_306 },
        { host: '::1', port: undefined },
        { host: '2001:db8::1', port: undefined },
      ],
    ],
    [
      '0x7f.1,bücher.example',
      [
        { host: '127.0.0.1', port: undefined },
        { host: 'xn--bcher-kva.example', port: undefined },
      ],
    ],
    ['db_1', [{ host: 'db_1', port: undefined }]],
  ])('%j names hosts, each in one spelling', (text, expected) => {
    expect(hosts(text)).toEqual(expected)
  })

  it.each([
    ['mysql://ana:hunter2', 1, '***'],
    ['db.example/presence', 1, 'db.example/presence'],
    ['*', 1, '*'],
    ['*.example', 1, '*.example'],
    ['db example', 1, 'db example'],
    ['db.example;board.example', 1, 'db.example;board.example'],
    ['db.example:99999', 1, 'db.example:99999'],
    ['db.example:0', 1, 'db.example:0'],
    ['db.example:port', 1, 'db.example:port'],
    ['db.example:', 1, 'db.example:'],
    [':3306', 1, ':3306'],
    ['[::1', 1, '[::1'],
    ['db.example?x', 1, 'db.example?x'],
    ['d%62.example', 1, 'd%62.example'],
  ])('with an entry that is no host is refused, and the entry is named: %s', (text, at, shown) => {
    expect(() => hosts(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: `entry ${at} of PRESENCE_TRUST, "${shown}", is not a host`,
        remedy: expect.stringContaining('PRESENCE_TRUST=db.example'),
      }),
    )
  })

  it.each([
    ['mysql://DB.example:3306', 1, 'db.example'],
    ['mysql://db.example/presence?x=hunter2', 1, 'db.example'],
    ['db.example,https://board.example', 2, 'board.example'],
    ['http://[::1]:8787', 1, '[::1]'],
  ])('with a URL is refused, with the host to write instead: %s', (text, at, host) => {
    expect(() => hosts(text)).toThrow(
      expect.objectContaining({
        message: `entry ${at} of PRESENCE_TRUST is a URL, not a host`,
        remedy: `write only its host, ${host}: PRESENCE_TRUST=${host}`,
      }),
    )
    expect(hosts(host)).toHaveLength(1)
  })

  it('shows nothing of an entry that may hold a password', () => {
    for (const text of [
      'mysql://ana:hun,ter2@db.example/p',
      'mysql://hun,x:ter2@db.example',
      'ana:hunter2@db.example',
      '@hunter2',
    ])
      expect(() => hosts(text)).toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/hun|ter2/) }),
      )
  })

  it('means every port of a host, unless it names one', () => {
    const db = (port: number) => ({ host: 'db.example', port })
    expect(isAmong(db(3_306), hosts('db.example'))).toBe(true)
    expect(isAmong(db(3_306), hosts('db.example:3306'))).toBe(true)
    expect(isAmong(db(3_307), hosts('db.example:3306'))).toBe(false)
    expect(isAmong({ host: 'x.db.example', port: 3_306 }, hosts('db.example'))).toBe(false)
    expect(isAmong(db(3_306), hosts(''))).toBe(false)
  })
})
