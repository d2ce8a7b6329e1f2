import { expect, it } from 'vitest'
import { accountsSql } from './accounts.ts'

it('the SQL for the server’s accounts never contains the password in plain text, whatever its characters', () => {
  for (const password of ['hunter2', "it's", 'a\\b', '";--', 'ü 🦊'])
    expect(accountsSql(password)).not.toContain(password)
  // A well-known pair of MySQL's own PASSWORD().
  expect(accountsSql('password')).toContain("AS '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'")
})
