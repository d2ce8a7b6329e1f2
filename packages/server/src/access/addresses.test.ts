import { describe, expect, it } from 'vitest'
import { isLoopback } from './addresses.ts'

describe('G9: an address to listen on', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '0:0:0:0:0:0:0:1'])(
    '%s is reachable from this machine only',
    host => {
      expect(isLoopback(host)).toBe(true)
    },
  )

  it.each([
    '0.0.0.0',
    '::',
    '',
    '128.0.0.1',
    '10.0.0.1',
    '127.0.0.1.example',
    'localhost.example',
    '::ffff:10.0.0.1',
    '1',
    '2130706433',
  ])('%j counts as reachable from other machines', host => {
    expect(isLoopback(host)).toBe(false)
  })
})
