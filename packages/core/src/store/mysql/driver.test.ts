import { expect, it } from 'vitest'
import { driverFault } from './driver.ts'

const error = (message: string, code?: string) => Object.assign(new Error(message), { code })

it.each([
  [
    'is not installed',
    error("Cannot find package 'mysql2' imported from /app/a.js", 'ERR_MODULE_NOT_FOUND'),
    /npm install/,
  ],
  [
    "can't run inside of this bundle",
    error('Dynamic require of "buffer" is not supported'),
    /--external:mysql2/,
  ],
  [
    "can't run inside of this bundle",
    error('Calling `require` for "net" in an environment that doesn\'t expose the `require` function.'),
    /leave mysql2 out/,
  ],
  [
    "can't run inside of this bundle",
    error('require is not defined in ES module scope, you can use import instead'),
    /leave mysql2 out/,
  ],
])('a driver that %s is said, with the remedy: %s', (what, cause, remedy) => {
  expect(driverFault(cause)).toMatchObject({
    code: 'cannot_start',
    message: expect.stringContaining(what),
    remedy: expect.stringMatching(remedy),
    cause,
  })
})

it.each([
  [
    'a package that the driver needs',
    error("Cannot find package 'long' imported from /a", 'ERR_MODULE_NOT_FOUND'),
  ],
  ['a fault of the driver', error('x is not a function')],
])('%s is not taken for a missing driver', (_, cause) => {
  expect(driverFault(cause)).toBeUndefined()
})
