import {
  type Arbitrary,
  constantFrom,
  date,
  assert as hold,
  integer,
  nat,
  option,
  property,
  record,
  string,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ZodType } from 'zod'
import type { Component, PastState } from '../domain/component.ts'
import { MESSAGE_KINDS, type Received } from '../domain/message.ts'
import {
  ITEM_STATUSES,
  WORKFLOW_STATUSES,
  type Workflow,
  type WorkflowProgress,
  type WorkItem,
} from '../domain/work.ts'
import { fromWire, inputFromWire, inputToWire, toWire } from '../remote/codec.ts'
import {
  ComponentSchema,
  MessageSchema,
  PastStateSchema,
  WorkflowProgressSchema,
  WorkflowSchema,
  WorkItemSchema,
} from '../schema.ts'
import { componentJson, pastStateJson } from './component.ts'
import { messageJson } from './message.ts'
import { workflowJson, workflowProgressJson, workItemJson } from './work.ts'

const time = date({ min: new Date(0), max: new Date('9000-01-01'), noInvalidDate: true })
const perhaps = option(string(), { nil: undefined })
const received: Arbitrary<Received> = record({
  id: string(),
  from: string(),
  to: perhaps,
  project: perhaps,
  kind: constantFrom(...MESSAGE_KINDS),
  subject: string(),
  body: string(),
  sentAt: time,
  readAt: option(time, { nil: undefined }),
  unread: constantFrom(true, false),
})
const state = {
  project: string(),
  component: string(),
  state: string(),
  version: perhaps,
  notes: perhaps,
  updatedBy: string(),
  updatedAt: time,
}
const component: Arbitrary<Component> = record(state)
const pastState: Arbitrary<PastState> = record({ ...state, id: string() })
const made = {
  id: string(),
  project: string(),
  description: perhaps,
  createdBy: string(),
  createdAt: time,
  updatedAt: time,
  movedBy: string(),
}
const workflow: Arbitrary<Workflow> = record({
  ...made,
  name: string(),
  status: constantFrom(...WORKFLOW_STATUSES),
})
const progress: Arbitrary<WorkflowProgress> = record({
  workflow,
  items: record({
    pending: nat(),
    in_progress: nat(),
    blocked: nat(),
    completed: nat(),
    cancelled: nat(),
  }),
})
const item: Arbitrary<WorkItem> = record({
  ...made,
  workflowId: perhaps,
  title: string(),
  status: constantFrom(...ITEM_STATUSES),
  priority: integer({ min: 0, max: 100 }),
  assignedTo: perhaps,
})

describe.each<[string, Arbitrary<object>, (value: never) => object, ZodType]>([
  ['a message', received, messageJson, MessageSchema],
  ['a component', component, componentJson, ComponentSchema],
  ['a past state', pastState, pastStateJson, PastStateSchema],
  ['a workflow', workflow, workflowJson, WorkflowSchema],
  ['a workflow of the overview', progress, workflowProgressJson, WorkflowProgressSchema],
  ['a work item', item, workItemJson, WorkItemSchema],
])('%s in JSON', (_, arbitrary, toJson, schema) => {
  it('has the keys of every interface on the wire, and exactly those of its schema', () => {
    hold(
      property(arbitrary, value => {
        const json = toJson(value as never)
        expect(toWire({ ok: true, rows: [value] })).toEqual({ ok: true, rows: [json] })
        expect(schema.parse(json)).toEqual(json)
      }),
    )
  })

  it('reads back as the same value', () => {
    hold(
      property(arbitrary, value => {
        expect(fromWire(JSON.parse(JSON.stringify(toWire({ rows: [value] }))))).toEqual({ rows: [value] })
      }),
    )
  })
})

describe('an input in JSON', () => {
  const input = {
    label: 'node:a',
    project: 'shop',
    to: 'bob',
    workflow: 'w-1',
    assignedTo: null,
    unreadOnly: true,
    saidAt: new Date('2030-01-02T03:04:05.678Z'),
  }

  it('names a label, a project, a session and a workflow as the answers do', () => {
    expect(inputToWire(input)).toEqual({
      resource_label: 'node:a',
      project_key: 'shop',
      to_session: 'bob',
      workflow_id: 'w-1',
      assigned_to: null,
      unread_only: true,
      said_at: '2030-01-02T03:04:05.678Z',
    })
  })

  it('reads back as the same input', () => {
    expect(inputFromWire(JSON.parse(JSON.stringify(inputToWire(input))))).toEqual(input)
  })
})

it('a refusal of a status keeps the names of the statuses', () => {
  const refusal = { code: 'not_moved', id: 'w-1', from: 'planning', to: 'completed', by: 'ana', allowed: [] }
  expect(toWire(refusal)).toEqual(refusal)
  expect(fromWire(refusal)).toEqual(refusal)
})
