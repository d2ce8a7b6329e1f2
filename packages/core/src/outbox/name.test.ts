import { describe, expect, it } from 'vitest'
import { type MysqlDsn, parseDsn } from '../config/dsn.ts'
import { queueName } from './name.ts'

const nameOf = (dsn: string) => queueName(parseDsn(dsn) as MysqlDsn)
const LONG = `${'a'.repeat(60)}.`.repeat(4)

describe('the name of a board’s outbox', () => {
  it('is host, port and database for the default branch, however that is named', () => {
    for (const query of ['', '?branch=main', '?branch='])
      expect(nameOf(`mysql://ana:s3cret@db.example/presence${query}`)).toBe('db.example%3A3306%2Fpresence')
  })

  it('includes any other branch', () => {
    expect(nameOf('mysql://db/presence?branch=team/x-1.0')).toBe('db%3A3306%2Fpresence@team%2Fx-1%2E0')
  })

  it('differs from any other board’s, and from the names of an outbox’s files', () => {
    const names = [
      'mysql://db/b',
      'mysql://db/b?branch=dev',
      'mysql://db/b%40dev',
      'mysql://db/b?branch=dev.taken',
      `mysql://${LONG}/b`,
      `mysql://${LONG}/c`,
      `mysql://${LONG}/b?branch=dev`,
    ].map(nameOf)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).not.toMatch(/\.(taken|damaged|replay)$/)
  })

  it('leaves room for the file name endings, and is the same every time', () => {
    const name = nameOf(`mysql://${LONG}/b`)
    expect(name).toHaveLength(200)
    expect(name).toMatch(/~[0-9a-z]+$/)
    expect(nameOf(`mysql://${LONG}/b`)).toBe(name)
  })
})
