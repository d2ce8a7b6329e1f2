interface Debt {
  readonly what: 'claimed' | 'ended'
  readonly from: number
  readonly to: number
}

/** Events that must not be reported when they arrive, because their effect was already reported. */
export class Owed {
  readonly #debts = new Map<string, Debt[]>()

  add(row: string, debt: Debt): void {
    if (!this.#debts.get(row)?.push(debt)) this.#debts.set(row, [debt])
  }

  /** Whether an event of this time is owed. If so, the debt is removed. */
  takes(row: string, what: Debt['what'], time: number): boolean {
    const debts = this.#debts.get(row)
    const fitting = (debts ?? []).filter(each => each.what === what && each.from <= time && time <= each.to)
    // If several fit, take the one with the earliest end: a later event fits the others.
    const [paid] = fitting.sort((a, b) => a.to - b.to)
    if (!debts || !paid) return false
    debts.splice(debts.indexOf(paid), 1)
    if (debts.length === 0) this.#debts.delete(row)
    return true
  }

  /** Forgets debts that ended before a moment: their events are no longer read. */
  forget(before: number): void {
    for (const [row, debts] of this.#debts) {
      const left = debts.filter(({ to }) => to >= before)
      if (left.length === 0) this.#debts.delete(row)
      else this.#debts.set(row, left)
    }
  }
}
