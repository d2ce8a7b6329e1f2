/** How long one analysis may go on. */
export interface Budget {
  /** True once the time is over. From then on it stays true. */
  isOver(): boolean
}

/** A budget that is over `ms` milliseconds after now. `wasOver` tells whether somebody was stopped by it. */
export function budgetOf(ms: number, now: () => number): Budget & { wasOver(): boolean } {
  const end = now() + ms
  let isOver = false
  return {
    isOver: () => {
      isOver ||= now() >= end
      return isOver
    },
    wasOver: () => isOver,
  }
}
