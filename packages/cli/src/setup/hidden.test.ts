import { describe, expect, it } from 'vitest'
import { shownWhileTyped } from './hidden.ts'

describe('a DSN while it is typed', () => {
  it.each([
    ['mysql://db.example:3306/presence', 'mysql://db.example:3306/presence'],
    ['mysql://ana@db.example:3306/presence', 'mysql://ana@db.example:3306/presence'],
    ['mysql://ana:hunter2@db.example:3306/presence', 'mysql://ana:***@db.example:3306/presence'],
    ['mysql://ana:hunt@er2@db/p', 'mysql://ana:***@db/p'],
    ['mysql://ana:hunt:er2@db/p', 'mysql://ana:***@db/p'],
    ['mysql:ana:hunter2@db/p', 'mysql:ana:***@db/p'],
    ['ana:hunter2@db/p', 'ana:***@db/p'],
    ['sqlite:/home/ana/board.db', 'sqlite:/home/ana/board.db'],
    ['https://board.example:8443/team', 'https://board.example:8443/team'],
    ['', ''],
  ])('%s is shown as %s', (typed, shown) => expect(shownWhileTyped(typed)).toBe(shown))

  it.each(['hunter2', '1234', '12345678', 'a/b?c#d', 'p:q'])(
    'never shows a character of the password %s, key by key',
    password => {
      const [before, after] = ['mysql://ana:', '@db.example/presence']
      for (let length = 0; length <= password.length; length++)
        expect(shownWhileTyped(before + password.slice(0, length))).toMatch(/^mysql:\/\/ana:\**$/)
      for (let length = 1; length <= after.length; length++)
        expect(shownWhileTyped(before + password + after.slice(0, length))).toBe(
          `mysql://ana:***${after.slice(0, length)}`,
        )
    },
  )
})
