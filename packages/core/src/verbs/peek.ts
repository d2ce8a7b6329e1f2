import type { Deadline } from '../deadline.ts'
import type { Label } from '../domain/label.ts'
import type { Store } from '../store/port.ts'
import { type Listed, list } from './list.ts'

/** Lists the live claims on one label. */
export function peek(store: Store, sessionId: string, label: Label, deadline: Deadline): Promise<Listed> {
  return list(store, sessionId, { label: label.text }, false, deadline)
}
