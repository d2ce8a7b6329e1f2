import { expect, it } from 'vitest'
import { analyze, analyzeTool, purposeOf } from '../src/index.ts'
import { contextOf } from './support/context.ts'

it.each([
  'mysql "mysql://u:hunter2@h/db" -e "drop table x"',
  'mariadb mariadb://u:hunter2@h/db -e "drop table x"',
  "mysqladmin drop 'mysql://u:hunter2@h/x'",
  'psql "postgres://u:p@ss/hunter2@db1/shop" -c "drop table x"',
  "psql -d 'u:hunter2@h/db' -c 'drop table x'",
  'ssh u:p@hunter2@h2 reboot',
  'terraform -chdir=https://u:hunter2@h apply',
  'docker run --name https://u:hunter2@h x',
])('no label or purpose has a part of an address with a password in it: %s', line => {
  const { effects } = analyze(line, contextOf())
  expect(effects).not.toEqual([])
  expect(JSON.stringify(effects.map(({ label }) => label))).not.toContain('hunter2')
  expect(purposeOf(effects)).not.toContain('hunter2')
})

it('neither has that of another MCP server’s tool', () => {
  const config = { tools: { mcp__ops__restart: 'service:${input.name}' } }
  const said = analyzeTool('mcp__ops__restart', { name: 'mysql://u:hunter2@h' }, config)
  expect(JSON.stringify(said)).not.toContain('hunter2')
})
