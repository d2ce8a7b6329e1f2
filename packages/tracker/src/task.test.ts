import { describe, expect, it } from 'vitest'
import { tasksIn } from './task.ts'

const TASK = {
  id: 'code-1',
  title: 'drain',
  status: 'in_progress',
  priority: 1,
  issue_type: 'task',
  assignee: 'ana',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T00:00:00Z',
  dependency_count: 0,
}
const READ = {
  id: 'code-1',
  title: 'drain',
  status: 'in_progress',
  priority: 1,
  assignee: 'ana',
  updatedAt: new Date('2026-01-02'),
  leaseUntil: undefined,
}

describe('what bd list --json prints', () => {
  it.each([
    ['1.0 to 1.3: a list', [TASK]],
    ['with BD_JSON_ENVELOPE=1, and from 2.0 on: in data', { schema_version: 1, data: [TASK] }],
    ['a build before 1.0.3: in items', { schema_version: 1, items: [TASK] }],
    ['with --skip-labels: in issues', { issues: [TASK], meta: { skip_labels: true, count: 1 } }],
  ])('is understood: %s', (_, printed) => {
    expect(tasksIn(JSON.stringify(printed, null, 2))).toEqual([READ])
  })

  it.each([
    ['an empty list', []],
    ['null, which Go prints for one', null],
    ['null in an envelope', { schema_version: 1, data: null }],
  ])('has no tasks if it is %s', (_, printed) => {
    expect(tasksIn(JSON.stringify(printed))).toEqual([])
  })

  it('names the end of a lease of bd 1.3, only for a task in progress', () => {
    const lease = { lease_expires_at: '2026-01-02T00:05:00Z', heartbeat_at: '2026-01-02T00:00:00Z' }
    const tasks = tasksIn(
      JSON.stringify([
        { ...TASK, ...lease },
        { ...TASK, ...lease, status: 'open' },
      ]),
    )
    expect(tasks.map(({ leaseUntil }) => leaseUntil?.toISOString())).toEqual([
      '2026-01-02T00:05:00.000Z',
      undefined,
    ])
  })

  it('may lack what isn’t required, or have a form that nobody knows there', () => {
    const odd = {
      id: 'a',
      title: 't',
      status: 'open',
      priority: '1',
      assignee: 7,
      updated_at: 'soon',
      new: {},
    }
    expect(tasksIn(JSON.stringify([odd]))).toEqual([
      {
        id: 'a',
        title: 't',
        status: 'open',
        priority: undefined,
        assignee: undefined,
        updatedAt: undefined,
        leaseUntil: undefined,
      },
    ])
  })

  it('never shows a task of another status, even if bd lists it', () => {
    const others = ['closed', 'blocked', 'deferred', 'pinned', 'hooked', 'tombstone', 'OPEN']
    const printed = JSON.stringify(others.map(status => ({ ...TASK, status })))
    expect(tasksIn(printed)).toEqual([])
  })

  it.each([
    ['nothing', '', 'bd printed nothing'],
    ['blanks', ' \n', 'bd printed nothing'],
    ['text', 'hello', 'bd printed something that is not JSON'],
    ['a list that was cut', JSON.stringify([TASK]).slice(0, -1), 'not JSON'],
    ['colours', `\u001b[32m${JSON.stringify([TASK])}\u001b[0m`, 'not JSON'],
    ['its plain output', '◐ code-1 drain\nTotal: 1 issues (0 open, 1 in progress)\n', 'not JSON'],
    ['two lists', '[]\n[]', 'not JSON'],
    ['a number', '7', 'bd printed no list of tasks'],
    ['an object', '{}', 'bd printed no list of tasks'],
    ['one task', JSON.stringify(TASK), 'bd printed no list of tasks'],
    ['a list of texts', '["code-1"]', 'bd printed no list of tasks'],
    ['a list of lists', '[[]]', 'bd printed no list of tasks'],
    ['an envelope of something else', '{"data": {"open": 1}}', 'bd printed no list of tasks'],
    ['a task without an id', JSON.stringify([{ ...TASK, id: '' }]), 'bd printed a task without id'],
    ['a task without a title', JSON.stringify([{ ...TASK, title: 7 }]), 'bd printed a task without title'],
    [
      'a task without a status',
      JSON.stringify([TASK, { id: 'b', title: 't' }]),
      'bd printed a task without status',
    ],
    ['an error', '{"error": "no database", "schema_version": 1}', 'bd failed: no database'],
    ['an error in an envelope', '{"schema_version": 1, "data": {"error": "x"}}', 'bd failed: x'],
  ])('that is %s says nothing of any task', (_, printed, message) => {
    expect(() => tasksIn(printed)).toThrow(message)
  })
})
