import { expect, it } from 'vitest'
import { accountsSql } from './accounts.ts'

it("the server's accounts are written without a password that could be read, whatever characters it has", () => {
  for (const password of ['hunter2', "it's", 'a\\b', '";--', 'ü 🦊'])
    expect(accountsSql(password)).not.toContain(password)
  // As MySQL's own PASSWORD() had it: a well-known pair.
  expect(accountsSql('password')).toContain("AS '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'")
})
