/** Differs from the key of any other write. Loading node:crypto would take 8 ms. */
export function newKey(): string {
  const random = () => Math.random().toString(36).slice(2)
  return `${process.pid.toString(36)}-${Date.now().toString(36)}-${random()}${random()}`.slice(0, 36)
}
