import { expect, it } from 'vitest'
import { recordedIn } from './recorded.ts'

it('the shell commands of a transcript are found, with the folder of each', () => {
  const bash = (command: string) => ({ type: 'tool_use', id: 't', name: 'Bash', input: { command } })
  const lines = [
    { cwd: '/srv/infra', message: { content: [bash('ls'), { type: 'text', text: 'x' }] } },
    { message: { content: [{ type: 'tool_use', name: 'Read', input: { command: 'no' } }] } },
    { cwd: '/srv', message: { content: [bash('make'), bash('kubectl get pods')] } },
    {
      type: 'response_item',
      payload: { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"pwd"}' },
    },
    {
      payload: { type: 'function_call', name: 'shell', arguments: '{"command":["bash","-lc","git status"]}' },
    },
  ]
  const text = [...lines.map(line => JSON.stringify(line)), 'no JSON', '[]', ''].join('\n')
  expect(recordedIn(text)).toEqual([
    { command: 'ls', cwd: '/srv/infra' },
    { command: 'make', cwd: '/srv' },
    { command: 'kubectl get pods', cwd: '/srv' },
    { command: 'pwd', cwd: '/srv' },
    { command: 'git status', cwd: '/srv' },
  ])
})
