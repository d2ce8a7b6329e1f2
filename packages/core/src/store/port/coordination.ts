import type { Deadline } from '../../deadline.ts'
import type { Component, PastState } from '../../domain/component.ts'
import type { Message, MessageKind, Received } from '../../domain/message.ts'
import type { Position } from '../../domain/page.ts'
import type { ItemStatus, Workflow, WorkItem } from '../../domain/work.ts'
import type { Once } from './once.ts'

/** A message to send. The store sets its time. */
export type NewMessage = Omit<Message, 'sentAt'>

/** Which messages to return: those to the session, and other sessions' broadcasts. */
export interface InboxFilter {
  readonly sessionId: string
  readonly unreadOnly: boolean
  /** Among the broadcasts to a project, only those to this project. */
  readonly project: string | undefined
  readonly kinds: readonly MessageKind[] | undefined
  readonly rows: number
  /** Only messages before this position: the time of sending in milliseconds since 1970, and the id. */
  readonly before: Position | undefined
  /** Ids to leave out. Messages to the session then come before broadcasts. Only with `unreadOnly`. */
  readonly except: readonly string[] | undefined
}

/** The recipients of a message: one session, or many. */
export type Addressee =
  | { readonly toMany: false; readonly session: string }
  | { readonly toMany: true; readonly session: undefined }

/** Messages between sessions. Sending a message again, or marking it as read again, changes nothing. */
export interface Messages {
  send(message: NewMessage, deadline: Deadline): Promise<void>
  /** Those of these messages that the session sent or may read. */
  find(ids: readonly string[], sessionId: string, deadline: Deadline): Promise<Read<Received>>
  /** The recipients of a message; undefined if there is no such message. */
  addressee(id: string, deadline: Deadline): Promise<Addressee | undefined>
  /** The latest first. */
  inbox(filter: InboxFilter, deadline: Deadline): Promise<Read<Received>>
  unread(sessionId: string, project: string | undefined, deadline: Deadline): Promise<number>
  /**
   * Marks these messages as read by the session, or all its unread ones. Returns how many were newly marked.
   */
  markRead(sessionId: string, ids: readonly string[] | undefined, deadline: Deadline): Promise<number>
}

/** Rows, and the database's time at the read. */
export interface Read<Row> {
  readonly rows: readonly Row[]
  readonly asOf: Date
}

export interface NewState extends Omit<Component, 'updatedAt'> {
  /** Identifies this change: setting the same id again changes nothing. */
  readonly id: string
}

export interface Components {
  /** Adds a state to the component's history and makes the component show the latest one: both or neither. */
  set(state: NewState, deadline: Deadline): Promise<void>
  find(project: string, component: string, deadline: Deadline): Promise<Component | undefined>
  /** The state that was set with this id, of any component. */
  said(id: string, deadline: Deadline): Promise<PastState | undefined>
  /**
   * Ordered by project and name. @param after the project and name that the previous page ended with, joined
   * by `~`
   */
  list(
    filter: {
      readonly project: string | undefined
      readonly rows: number
      readonly after: string | undefined
    },
    deadline: Deadline,
  ): Promise<Read<Component>>
  /** The components that changed last, the latest first. */
  latest(project: string | undefined, rows: number, deadline: Deadline): Promise<Read<Component>>
  /** The latest first. */
  history(
    filter: {
      readonly project: string
      readonly component: string
      readonly rows: number
      readonly before: Position | undefined
    },
    deadline: Deadline,
  ): Promise<Read<PastState>>
}

/**
 * A row, and the revision at which it was read. Every write sets a fresh revision, and a change is made only
 * if the row still has this one. The first revision is the row's id.
 */
export interface Revised<Row> {
  readonly row: Row
  readonly revision: string
}

export interface WorkFilter {
  readonly project: string | undefined
  readonly statuses: readonly string[] | undefined
  /** Only items of this workflow. */
  readonly workflowId?: string | undefined
  readonly assignedTo?: string | undefined
  readonly rows: number
  readonly after: Position | undefined
}

/** A row before the board has set its times. */
export type Unsaved<Row> = Omit<Row, 'createdAt' | 'updatedAt'>

/** Workflows or items, one row each. */
export interface Work<Row> {
  /** Adds a row. One that exists already stays unchanged. */
  add(row: Unsaved<Row>, deadline: Deadline): Promise<void>
  find(id: string, deadline: Deadline): Promise<Revised<Row> | undefined>
  /** Workflows: the latest created first. Items: by priority, then the earliest created first. */
  list(filter: WorkFilter, deadline: Deadline): Promise<Read<Row>>
  /**
   * Replaces the row if it still has this status and revision.
   *
   * @param once records the call in the same transaction
   * @returns whether it was replaced
   */
  change(row: Row, was: Revised<Row>, revision: string, deadline: Deadline, once?: Once): Promise<boolean>
}

export interface WorkItems extends Work<WorkItem> {
  /** The number of items in each status, for each of these workflows. */
  counts(
    workflowIds: readonly string[],
    deadline: Deadline,
  ): Promise<readonly { readonly workflowId: string; readonly status: ItemStatus; readonly count: number }[]>
}

/** The things that sessions share besides claims. */
export interface Coordination {
  readonly messages: Messages
  readonly components: Components
  readonly workflows: Work<Workflow>
  readonly items: WorkItems
}
