interface Debt {
  readonly what: 'claimed' | 'ended'
  readonly from: number
  readonly to: number
}

/** Events that are not to be told when they come: their fact was told by its effect. */
export class Owed {
  readonly #debts = new Map<string, Debt[]>()

  add(row: string, debt: Debt): void {
    if (!this.#debts.get(row)?.push(debt)) this.#debts.set(row, [debt])
  }

  /** Is an event of this time owed? Then it is paid. */
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

  /** Forgets what ended before a moment: its event is read no more. */
  forget(before: number): void {
    for (const [row, debts] of this.#debts) {
      const left = debts.filter(({ to }) => to >= before)
      if (left.length === 0) this.#debts.delete(row)
      else this.#debts.set(row, left)
    }
  }
}
