/** Polls `ask` until it returns a truthy value, and fails with `what` after `withinMs`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 90_000,
): Promise<T> {
  const end = performance.now() + withinMs
  let last: unknown
  while (performance.now() < end) {
    try {
      const answer = await ask()
      if (answer) return answer
    } catch (error) {
      last = error
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`waited ${withinMs} ms for ${what}`, { cause: last })
}
