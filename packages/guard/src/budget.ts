/** How long one analysis may go on. */
export interface Budget {
  /** True once the time is over. From then on it stays true. */
  isOver(): boolean
}

/** A budget that is over `ms` milliseconds after now. */
export function budgetOf(ms: number, now: () => number): Budget {
  const end = now() + ms
  let isOver = false
  return {
    isOver: () => {
      isOver ||= now() >= end
      return isOver
    },
  }
}
