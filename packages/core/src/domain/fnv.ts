/** 32-bit FNV-1a in hexadecimal, for names of files. Loading node:crypto would take 8 ms. */
export function fnv1a(text: string, seed = 0x811c9dc5): string {
  let value = seed
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193)
  return (value >>> 0).toString(16).padStart(8, '0')
}
