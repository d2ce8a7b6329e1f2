import { Client } from '@modelcontextprotocol/client'
import { InMemoryTransport } from '@modelcontextprotocol/server'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, it } from 'vitest'
import { Pulse } from './pulse.ts'
import { createMcpServer } from './server.ts'
import type { Speakers } from './session.ts'

/** The maximum size of the list in an agent's context, in tokens. */
const TOKENS_MAX = 2_500

describe.each([
  ['over standard input and output', false],
  ['over HTTP, where each call names its session', true],
])('the list of tools %s', (_, many) => {
  it('has every tool once, with annotations of its effects', async () => {
    const { tools } = await listed(many)
    expect(tools.map(({ name }) => name)).toEqual([
      'claim',
      'release',
      'list',
      'peek',
      'wait',
      'coord_register_presence',
      'coord_deregister_presence',
      'coord_heartbeat',
      'coord_get_presence',
      'coord_send_message',
      'coord_check_messages',
    ])
    for (const { annotations, description } of tools) {
      expect(Object.keys(annotations ?? {})).toEqual([
        'readOnlyHint',
        'destructiveHint',
        'idempotentHint',
        'openWorldHint',
      ])
      expect(description).toMatch(/\.$/)
    }
  })

  it(`costs an agent less than ${TOKENS_MAX} tokens, instructions included`, async () => {
    const { tools, instructions } = await listed(many)
    const sent = JSON.stringify(tools) + instructions
    expect(countTokens(sent)).toBeLessThan(TOKENS_MAX)
  })
})

async function listed(many: boolean) {
  const speakers: Speakers = {
    many,
    complete: label => label,
    lastBeat: () => undefined,
    open: () => Promise.reject(new Error('a list asks no board')),
  }
  const [here, there] = InMemoryTransport.createLinkedPair()
  const server = createMcpServer({ version: '0', speakers, pulse: new Pulse() })
  const client = new Client({ name: 'test', version: '0' })
  await Promise.all([server.connect(there), client.connect(here)])
  const { tools } = await client.listTools()
  const instructions = client.getInstructions() ?? ''
  await client.close()
  return { tools, instructions }
}
